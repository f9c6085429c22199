"""The metric on tables by shard: one shard's rows at a time, which fit the processor's caches."""

from collections.abc import Iterable, Sequence

import pandas as pd
from pandas.api.types import union_categoricals

from partparse import tables
from partparse.challenge import format as challenge
from partparse.errors import InputError
from partparse.metric.psc import Evaluation
from partparse.metric.rows import evaluate_tables


def evaluate_shards(
    truth: pd.DataFrame,
    annotations: Sequence[pd.DataFrame],
    actions: pd.DataFrame,
    parses: Iterable[pd.DataFrame],
    lengths: pd.DataFrame,
    *,
    stride: int = challenge.STRIDE,
) -> Evaluation:
    """`evaluate_tables` of all shards together; the order of `Evaluation.parts` is theirs.

    Args:
        truth: TRUTH table; its videos are scored.
        annotations: ANNOTATIONS tables.
        actions: columns video, action.
        parses: PARSES tables; no video is in two of them. Each is let go before the next.
        lengths: columns video, frames.
        stride: frames 1, 1 + stride, … are scored.

    Raises:
        InputError: see `evaluate_tables`; or a video is in two tables.
    """
    annotated = [(set(table["video"].unique()), table) for table in annotations]

    def score(videos: set[str], table: pd.DataFrame) -> Evaluation:
        own = truth[truth["video"].isin(videos)]
        near = [each for names, each in annotated if names & videos] or [annotations[0][:0]]
        joined = near[0] if len(near) == 1 else pd.concat(near, ignore_index=True)
        return evaluate_tables(own, joined, actions, table, lengths, stride=stride)

    found: list[Evaluation] = []
    seen: set[str] = set()
    for table in parses:
        videos = set(table["video"].unique())
        if twice := sorted(videos & seen):
            raise InputError(f"parses: video {twice[0]} is in two tables; expected it in one")
        seen |= videos
        found.append(score(videos, table))
    found.append(score(set(truth["video"]) - seen, tables.empty(tables.PARSES)))
    return _join(found, truth)


def _join(found: Sequence[Evaluation], truth: pd.DataFrame) -> Evaluation:
    """The evaluations of some videos each as that of all, in the order of `truth`."""
    videos = pd.concat([each.videos for each in found]).set_index("video")
    scored = videos.loc[truth["video"]].reset_index()
    rows = [each.parts for each in found if each.parts is not None]
    names = union_categoricals([table["video"] for table in rows])
    parts = pd.concat([table.drop(columns="video") for table in rows], ignore_index=True)
    parts.insert(0, "video", names)
    return Evaluation(scored, parts)
