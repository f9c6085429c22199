"""Cross-fitting folds of val videos, so that what chooses never sees what scores it.

One trace is left: a video's own fold helps to rank the methods that vote in the other folds, whose
vote's scores then take part in its choice. It touches the val score of `by_category` alone, where
`vote` is one of the methods to choose from; test videos have no part in any choice.
"""

import hashlib

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
