"""The parses of a video's windows as the parse of the video: tracks go on from one to the next."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from partparse import tables
from partparse.boxes import paired_iou
from partparse.inference.parse import Parse
from partparse.tables import BOX

_SAME = 0.5  # tracks whose boxes overlap more in most frames of both windows are one person's


def join(windows: Iterable[tuple[int, Parse]], overlap: int) -> Parse:
    """The parse of a video.

    The frames that two windows have in common are taken half from the one, half from the other.

    Args:
        windows: the first frame and the parse of each, one at least; in it frames count from 1.
        overlap: frames that a window has in common with the next one.
    """
    whole: list[Parse] = []
    known, count = tables.empty(tables.TRACKS), 0
    for first, window in windows:
        moved = _shift(window, first - 1)
        names = _name_tracks(moved.tracks, known, count)
        count = max([count, *names.values()])
        moved = _rename(moved, names)
        known = moved.tracks
        if whole:
            start = first + overlap // 2
            whole[-1] = _cut(whole[-1], last=start - 1)
            moved = _cut(moved, first=start)
        whole.append(moved)
    if len(whole) == 1:
        return whole[0]
    frames = ("actions", "parses", "keypoints", "tracks")
    problems = dict.fromkeys(part.problem for part in whole if part.problem)
    joined = {
        name: pd.concat([getattr(part, name) for part in whole], ignore_index=True)
        for name in frames
    }
    return replace(
        whole[0],
        times=np.concatenate([part.times for part in whole]),
        problem="; ".join(problems) or None,
        **joined,
    )


def _shift(parse: Parse, by: int) -> Parse:
    """With frames of the video; `times` stay those of the window."""
    moved = {
        name: table.assign(frame=(table["frame"] + by).astype("int32"))
        for name, table in _by_frame(parse)
    }
    ends = {name: parse.actions[name] + by for name in ("first_frame", "last_frame")}
    return replace(parse, actions=parse.actions.assign(**ends), **moved)


def _cut(parse: Parse, first: int | None = None, last: int | None = None) -> Parse:
    """From one frame of the video to another; None: where it begins, or ends."""
    begins, ends = parse.actions["first_frame"].iloc[0], parse.actions["last_frame"].iloc[0]
    first, last = first or int(begins), last or int(ends)
    kept = {name: table[table["frame"].between(first, last)] for name, table in _by_frame(parse)}
    times = parse.times[first - begins : last - begins + 1]
    return replace(
        parse, actions=parse.actions.assign(first_frame=first, last_frame=last), times=times, **kept
    )


def _name_tracks(own: pd.DataFrame, known: pd.DataFrame, count: int) -> dict[int, int]:
    """{track of a window: of the video}; one that goes on keeps its number, others count on."""
    both = own.merge(known, on="frame", suffixes=("", "_before"))
    before = both[[f"{corner}_before" for corner in BOX]].to_numpy(float)
    both["same"] = paired_iou(both[BOX].to_numpy(float), before) > _SAME
    pairs = both.groupby(["track", "track_before"])["same"].agg(["mean", "sum"])
    best = pairs[pairs["mean"] > _SAME].sort_values("sum", ascending=False, kind="stable")
    names: dict[int, int] = {}
    for track, earlier in best.index:
        if track not in names and earlier not in names.values():
            names[int(track)] = int(earlier)
    new = [track for track in sorted(own["track"].unique()) if track not in names]
    return names | {int(track): count + place for place, track in enumerate(new, start=1)}


def _rename(parse: Parse, names: dict[int, int]) -> Parse:
    kept = {-1: -1, **names}
    return replace(
        parse,
        **{
            name: table.assign(track=table["track"].map(kept).astype("int32"))
            for name, table in _by_frame(parse)
            if "track" in table
        },
    )


def _by_frame(parse: Parse) -> list[tuple[str, pd.DataFrame]]:
    return [(name, getattr(parse, name)) for name in ("parses", "keypoints", "tracks")]
