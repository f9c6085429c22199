"""Which part detector is best: `submission.part_detector: best`.

The methods of states are given its parts, and a part whose box misses earns nothing whatever is
said of its state. Which detector hits most depends on how much it learns from, so val decides: no
detector has more to fit than another, and val has hundreds of parts to tell them apart. On a val
video the detectors are ranked without its own fold.
"""

from collections.abc import Mapping

import pandas as pd

from partparse.ensemble.folds import choosing_rows

COLUMNS = ("fold", "variant", "rank", "parts", "hits")


def rank_detectors(hits: Mapping[str, pd.DataFrame], folds: int) -> pd.DataFrame:
    """Rank part detectors by the share of val's annotated parts that they hit, in each fold.

    Args:
        hits: {variant: columns video and hit, a row for each annotated part of val}, with the same
            rows for all; the order breaks ties.
        folds: number of cross-fitting folds; fold k's ranking is from the videos outside k.

    Returns:
        COLUMNS: fold (the first that of all videos), variant, rank (1 is best), parts (how many are
        annotated) and hits (the share of them). A fold that holds all parts has no rows; without
        any part there are none.
    """
    found = pd.DataFrame({variant: table["hit"] for variant, table in hits.items()})
    videos = next(iter(hits.values()))["video"]
    rankings = []
    for fold, rows in choosing_rows(videos, folds):
        shares = found[rows].mean().sort_values(ascending=False, kind="stable")
        ranked = pd.DataFrame({"variant": shares.index, "hits": shares.to_numpy()})
        ranked = ranked.assign(fold=fold, rank=ranked.index + 1, parts=int(rows.sum()))
        rankings.append(ranked[list(COLUMNS)])
    if not rankings:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(rankings, ignore_index=True)
