"""Which method is best, for each action: the winner's choice by category.

Source: Dong, Chen, Wang, "Technical Report of Challenge on Kinetics-TPS Track", 2022, section
on ensembles. There the mean PSC of each method on training videos decides; here it is that of
val videos, which no method was fitted on, and for a val video's own score, of the other folds.
"""

from collections.abc import Mapping

import pandas as pd

from partparse.ensemble.folds import ALL, deciding_fold, fold_of

EVERY_ACTION = "*"  # the `action` of the rows that rank methods over all videos


def rank_methods(scores: pd.DataFrame, folds: int) -> pd.DataFrame:
    """Rank methods by mean PSC, for each action and over all, in each fold.

    Args:
        scores: a row for each (method, video) of val: columns method, video, action (the true
            one), psc. The order in which methods first appear breaks ties.
        folds: number of cross-fitting folds; fold k's ranking is from the videos outside k.

    Returns:
        fold, action, method, videos (how many), psc (their mean), rank (1 is best).
    """
    fold = scores["video"].map(lambda video: fold_of(video, folds))
    rankings = [_rank(scores).assign(fold=ALL)]
    for name in map(str, range(folds)):
        outside = scores[fold != name]
        # with few videos a fold may hold all of them: then there is no evidence without it
        if len(outside):
            rankings.append(_rank(outside).assign(fold=name))
    columns = ["fold", "action", "method", "videos", "psc", "rank"]
    return pd.concat(rankings, ignore_index=True)[columns]


def _rank(scores: pd.DataFrame) -> pd.DataFrame:
    order = {method: place for place, method in enumerate(scores["method"].unique())}
    either = pd.concat([scores, scores.assign(action=EVERY_ACTION)])
    means = either.groupby(["action", "method"], as_index=False).agg(
        videos=("video", "size"), psc=("psc", "mean")
    )
    means["place"] = means["method"].map(order)
    means = means.sort_values(["action", "psc", "place"], ascending=[True, False, True])
    means["rank"] = means.groupby("action").cumcount() + 1
    return means.drop(columns="place")


def method_order(ranking: pd.DataFrame, fold: str, methods: list[str]) -> list[str]:
    """Methods from best to worst over all actions; as given where the fold has no evidence."""
    rows = ranking[(ranking["fold"] == fold) & (ranking["action"] == EVERY_ACTION)]
    ranked = rows.sort_values("rank")["method"].tolist()
    return ranked or methods


def choose_methods(
    choice: pd.DataFrame, actions: pd.Series, split: str, folds: int, methods: list[str]
) -> pd.DataFrame:
    """The method of each video: the best for its predicted action, else the best over all.

    Args:
        choice: what `rank_methods` returned.
        actions: predicted action, indexed by video.
        split: split of the videos; folds: as in `rank_methods`.
        methods: all methods, the first being used where there is no evidence at all.

    Returns:
        video, method, and why: fold and predicted action, the action whose ranking decided
        (`EVERY_ACTION`: the ranking over all), the method's mean PSC there and of how many videos
        (0 and NaN where there is no evidence).
    """
    chosen = pd.DataFrame({"video": actions.index, "predicted": actions.to_numpy()})
    chosen["fold"] = deciding_fold(chosen["video"], split, folds)
    best = choice[choice["rank"] == 1].drop(columns="rank")
    by_action = chosen.merge(
        best, left_on=["fold", "predicted"], right_on=["fold", "action"], how="left"
    )
    overall = chosen.merge(
        best[best["action"] == EVERY_ACTION], on="fold", how="left", validate="many_to_one"
    )
    evidence = by_action.where(by_action["method"].notna(), overall)
    evidence["method"] = evidence["method"].fillna(methods[0])
    evidence["videos"] = evidence["videos"].fillna(0).astype(int)
    return evidence[["video", "method", "fold", "predicted", "action", "videos", "psc"]]


def take_best(
    given: Mapping[str, pd.DataFrame], ranking: pd.DataFrame, by: str, split: str, folds: int
) -> pd.DataFrame:
    """Each video's rows out of the table of what is best for its fold.

    Args:
        given: {name: table with a column video}.
        ranking: columns fold, rank (1 is best) and `by`, which has the names; where nothing is
            known of a fold, the first of `given` is taken.
        by: as `ranking` has it.
        split: split of the videos; folds: as in `rank_methods`.
    """
    best = ranking[ranking["rank"] == 1].set_index("fold")[by]
    videos = pd.concat([table["video"] for table in given.values()]).drop_duplicates()
    chosen = deciding_fold(videos, split, folds).map(best).fillna(next(iter(given)))
    return take_chosen(given, pd.Series(chosen.to_numpy(), index=videos))


def take_chosen(given: Mapping[str, pd.DataFrame], chosen: pd.Series) -> pd.DataFrame:
    """Each video's rows out of the table of the method that is chosen for it."""
    taken = [
        table[table["video"].map(chosen).to_numpy() == method] for method, table in given.items()
    ]
    return pd.concat(taken, ignore_index=True)
