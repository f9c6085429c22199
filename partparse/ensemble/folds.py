"""Cross-fitting folds of val videos, so that what chooses never sees what scores it.

A trace is left where one choice follows another: a video's own fold helps to rank the part
detectors, the action models and the methods that vote in the other folds, and from what these then
say of their videos the choices that serve it are made. Test videos have no part in any choice.
"""

import hashlib
from collections.abc import Iterator

import pandas as pd

ALL = "all"  # the fold of what was chosen on every val video: it serves the test videos


def fold_of(video: str, folds: int) -> str:
    """The fold of a video: by its name alone, so that it does not depend on the others."""
    return str(int.from_bytes(hashlib.sha256(video.encode()).digest()[:4], "big") % folds)


def deciding_fold(videos: pd.Series, split: str, folds: int) -> pd.Series:
    """The fold whose choices serve each video: on val its own (chosen without it), else all."""
    if split != "val":
        return pd.Series(ALL, index=videos.index, dtype=str)
    names = {video: fold_of(video, folds) for video in videos.unique()}
    return videos.map(names).astype(str)


def choosing_rows(videos: pd.Series, folds: int) -> Iterator[tuple[str, pd.Series]]:
    """For each fold, `ALL` first, which rows choose for it: those of the videos outside.

    `videos` has the video of each row. A fold that none is outside of is left out.
    """
    fold = deciding_fold(videos, "val", folds)
    for name in (ALL, *map(str, range(folds))):
        rows = fold != name
        if rows.any():
            yield name, rows
