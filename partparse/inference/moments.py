"""What is shown in each frame of a video, of which only some are parsed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partparse import tables
from partparse.boxes import Floats
from partparse.inference.parse import Parse
from partparse.sampling import scored
from partparse.tables import BOX, PARSED, empty

UNKNOWN_FPS = 25.0
"""Frames a second of videos that do not say, such as folders of pictures."""

_NOBODY = empty(PARSED)


@dataclass(frozen=True)
class Moment:
    """What is shown in a frame."""

    rows: pd.DataFrame  # PARSED: the states are those of the nearest parsed frame
    keypoints: dict[int, Floats]  # (17, 3) as x, y, score, by person


def shown_times(parse: Parse) -> Floats:
    """(frames,) when each frame is shown, in seconds; by `UNKNOWN_FPS` where it is not known."""
    counted = np.arange(parse.length) / UNKNOWN_FPS
    return counted if parse.untimed else parse.times


def moments(parse: Parse) -> Iterator[Moment]:
    """What is shown in each frame of a video, from the first on.

    Between two parsed frames, boxes and keypoints of tracked persons move in a straight line from
    the one to the other. Those of others stay where they are in the nearest parsed frame.
    """
    by_frame = dict(list(parse.parses.groupby("frame")))
    points = dict(list(parse.keypoints.groupby("frame")))

    def look(number: int) -> Moment:
        rows = by_frame.get(number, _NOBODY).reset_index(drop=True)
        posed = points.get(number)
        if posed is None:
            return Moment(rows, {})
        values = tables.pack_keypoints(posed)
        return Moment(rows, dict(zip(map(int, posed["person"]), values, strict=True)))

    parsed = [int(number) for number in scored(parse.length, parse.stride)]
    before = look(parsed[0])
    for first, second in zip(parsed, [*parsed[1:], None], strict=True):
        if second is None:
            yield from [before] * (parse.length - first + 1)
            return
        after = look(second)
        for number in range(first, second):
            share = (number - first) / (second - first)
            near, far = (before, after) if share <= 0.5 else (after, before)
            yield _between(near, far, min(share, 1 - share))
        before = after


def _between(near: Moment, far: Moment, share: float) -> Moment:
    """What is shown at a `share` of the way from the one parsed frame to the other."""
    if not share or near.rows.empty or far.rows.empty:
        return near
    key = ["track", "part"]
    others = far.rows[far.rows["track"] > 0].drop_duplicates(key)
    place = pd.MultiIndex.from_frame(others[key]).get_indexer(
        pd.MultiIndex.from_frame(near.rows[key])
    )
    rows = near.rows.copy()
    found = np.flatnonzero(place >= 0)
    start = rows.loc[found, BOX].to_numpy(float)
    end = others[BOX].to_numpy(float)[place[found]]
    rows.loc[found, BOX] = (start + share * (end - start)).astype(np.float32)
    keypoints = dict(near.keypoints)
    owners = zip(rows.loc[found, "person"], others["person"].iloc[place[found]], strict=True)
    for person, other in dict.fromkeys(owners):
        if person in near.keypoints and other in far.keypoints:
            here, there = near.keypoints[person], far.keypoints[other]
            keypoints[person] = here + share * (there - here)
    return Moment(rows, keypoints)
