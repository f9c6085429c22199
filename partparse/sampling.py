"""Which frames a clip takes from a video: uniform (TSN's segments) and dense.

Indices are 0-based positions among the `frames` frames that a video has; `img_%05d.jpg` number
i + 1. References: Wang et al., "Temporal Segment Networks", ECCV 2016; the winner's report of
the Kinetics-TPS challenge 2022, sections 2.3 and 2.4.
"""

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse.boxes import Integers

Indices = Integers
Numbers = TypeVar("Numbers", pd.Series, NDArray[np.integer])


def uniform(frames: int, length: int, rng: np.random.Generator | None = None) -> Indices:
    """One frame out of each of `length` equal segments: random with `rng`, else the centre.

    A video shorter than `length` repeats frames.
    """
    _check(frames, length)
    offset = rng.random(length) if rng is not None else np.full(length, 0.5)
    return np.minimum(((np.arange(length) + offset) * frames / length).astype(np.int64), frames - 1)


def uniform_clips(frames: int, length: int, clips: int) -> Indices:
    """(clips, length): `clips` uniform samples, each at another place within the segments."""
    _check(frames, length)
    offset = (np.arange(clips)[:, None] + 0.5) / clips
    indices = ((np.arange(length)[None] + offset) * frames / length).astype(np.int64)
    return np.minimum(indices, frames - 1)


def dense(frames: int, length: int, stride: int, centre: int) -> Indices:
    """A window of `length` frames, `stride` apart, about frame `centre`; edges are repeated."""
    _check(frames, length)
    start = centre - (length // 2) * stride
    return np.clip(start + np.arange(length) * stride, 0, frames - 1).astype(np.int64)


def dense_clips(frames: int, length: int, stride: int, clips: int) -> Indices:
    """(clips, length): windows whose centres are spread evenly over the video."""
    centres = ((np.arange(clips) + 0.5) * frames / clips).astype(int)
    return np.stack([dense(frames, length, stride, int(centre)) for centre in centres])


def scored(frames: int, stride: int) -> Indices:
    """Frame numbers (from 1) that are scored: 1, 1 + stride, …"""
    return np.arange(1, frames + 1, stride)


def is_scored(numbers: Numbers, stride: int) -> Numbers:
    """Which of the frame numbers, of a series or an array, are scored."""
    return (numbers - 1) % stride == 0


def scored_rows(
    rows: pd.DataFrame, stride: int, frames: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The rows on frames that are scored; with FRAMES only those whose frame was extracted."""
    kept = is_scored(rows["frame"], stride)
    if frames is not None:
        extracted = rows["video"].map(frames.set_index("video")["frames"]).astype(float).fillna(0)
        kept &= rows["frame"] <= extracted
    return rows[kept]


def spread(numbers: Iterable[int], count: int) -> list[int]:
    """`count` of the numbers (all, if there are fewer), evenly spread over their order."""
    every = list(numbers)
    count = min(count, len(every))
    places = (np.arange(count) + 0.5) * len(every) / max(count, 1)
    return [int(every[place]) for place in places.astype(int)]


def _check(frames: int, length: int) -> None:
    if frames < 1 or length < 1:
        raise ValueError(f"a clip of {length} frames out of a video with {frames} frames")
