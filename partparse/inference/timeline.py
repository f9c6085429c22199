"""Which state each part of a followed person is in, from when to when.

A parsed frame speaks for the frames that it is nearest to, as in the annotated video. So every
frame of a video belongs to one parsed frame, and spans that follow each other leave nothing out
between them.
"""

import heapq
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partparse.boxes import Floats, Integers
from partparse.inference.moments import UNKNOWN_FPS, shown_times
from partparse.inference.parse import Parse
from partparse.row_keys import codes
from partparse.sampling import scored
from partparse.vocabulary import PARTS, PERSON

COLUMNS: list[str] = [
    *("video", "person", "part", "state", "start_s", "end_s", "start_frame", "end_frame"),
    "mean_probability",
]
"""Of `trace_states`."""
EXPOSURE: list[str] = ["video", "person", "part", "state", "seconds", "share", "spans"]
"""Of `add_up`."""

NO_STATE = ""
"""The state of a person's own rows."""

_ORDER = [PERSON, *PARTS]


@dataclass
class _Span:
    """A part in a state; frames and what comes after them are those of the video."""

    first: int
    last: int
    start: float  # seconds
    end: float
    state: int
    probability: float  # summed up over the parsed frames that say so
    said: int  # how many these are

    @property
    def seconds(self) -> float:
        return round(self.end - self.start, 6)  # so that spans of a frame are as long as others

    def absorb(self, other: "_Span") -> None:
        """Take over a neighbour's time, and what it says where that is the same."""
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.start, self.end = min(self.start, other.start), max(self.end, other.end)
        if other.state == self.state:
            self.probability += other.probability
            self.said += other.said


def trace_states(parse: Parse, shortest: float) -> pd.DataFrame:
    """The time line of a video.

    Args:
        parse: of the video.
        shortest: seconds; a shorter span goes to the longer one of its neighbours, or joins both
            where they say the same. One without a neighbour stays.

    Returns:
        COLUMNS, by person, part and time. `person` is the track; who is on none has no time line.
        The rows of part "person" say when the person is seen; they have no state (empty) and no
        probability (NaN). Frames count from 1, the last one included; `end_s` is when the frame
        after it is shown. Seconds count from the first frame, see `shown_times`.
        `mean_probability` is that of the state in the parsed frames that say so.
    """
    rows = parse.parses[parse.parses["track"] > 0]
    rows = rows.assign(place=(rows["frame"] - 1) // parse.stride, order=codes(rows["part"], _ORDER))
    rows = rows.sort_values(["track", "order", "place"], ignore_index=True)
    first, last = reach(parse.length, parse.stride)
    edges = frame_edges(parse)
    place = rows["place"].to_numpy()
    states = [*sorted(rows["state"].dropna().unique()), NO_STATE]
    state = codes(rows["state"].fillna(NO_STATE), states)
    chance = rows["state_probability"].to_numpy(float)
    found = []
    for stretch in _stretches(rows):
        spans = []
        for run in _cut(stretch, state[stretch]):
            frames = int(first[place[run[0]]]), int(last[place[run[-1]]])
            seconds = float(edges[frames[0] - 1]), float(edges[frames[1]])
            spans.append(_Span(*frames, *seconds, state[run[0]], chance[run].sum(), len(run)))
        who, part = rows.loc[stretch[0], ["track", "part"]]
        for s in merge_short(spans, shortest):
            when = s.start, s.end, s.first, s.last
            found.append((parse.name, who, part, states[s.state], *when, s.probability / s.said))
    return pd.DataFrame(found, columns=COLUMNS)


def add_up(timeline: pd.DataFrame) -> pd.DataFrame:
    """How long each person is seen, and each of its parts in each state.

    Args:
        timeline: of `trace_states`.

    Returns:
        EXPOSURE: seconds in the state, their share of the time in which the part is seen, and in
        how many spans; by person, part and falling seconds.
    """
    spans = timeline.assign(seconds=timeline["end_s"] - timeline["start_s"])
    of_part = ["video", "person", "part"]
    sums = spans.groupby([*of_part, "state"], as_index=False).agg(
        seconds=("seconds", "sum"), spans=("seconds", "size")
    )
    sums["share"] = sums["seconds"] / sums.groupby(of_part)["seconds"].transform("sum")
    order = codes(sums["part"], _ORDER)
    order = np.lexsort((sums["state"], -sums["seconds"], order, sums["person"], sums["video"]))
    return sums.iloc[order][EXPOSURE].reset_index(drop=True)


def reach(length: int, stride: int) -> tuple[Integers, Integers]:
    """The first and the last frame that each parsed frame is nearest to, of two the earlier one."""
    numbers = scored(length, stride)
    last = np.append(numbers[:-1] + np.diff(numbers) // 2, length)
    return np.append(1, last[:-1] + 1), last


def frame_edges(parse: Parse) -> Floats:
    """(frames + 1,) when each frame is shown, and when the last one ends, in seconds.

    How long the last one is shown is not known; it is taken for as long as a frame is on average,
    or by `UNKNOWN_FPS` where all are shown at the same time, as where there is one alone.
    """
    times = shown_times(parse)
    usual = (times[-1] - times[0]) / max(len(times) - 1, 1) or 1 / UNKNOWN_FPS
    return np.append(times, times[-1] + usual)


def merge_short(spans: list[_Span], shortest: float) -> list[_Span]:
    """Spans that follow each other, without those shorter than `shortest` seconds.

    The shortest goes first. It goes to the longer one of its neighbours; of two that are as long,
    to the earlier one.
    """
    left = dict(enumerate(spans))
    before, after = [*range(-1, len(spans) - 1)], [*range(1, len(spans)), -1]  # -1: none
    waiting = [(span.seconds, place) for place, span in left.items() if span.seconds < shortest]
    heapq.heapify(waiting)

    def join(gone: int, into: int) -> None:
        left[into].absorb(left.pop(gone))
        if before[gone] >= 0:
            after[before[gone]] = after[gone]
        if after[gone] >= 0:
            before[after[gone]] = before[gone]

    while waiting:
        seconds, place = heapq.heappop(waiting)
        if place not in left or left[place].seconds != seconds:  # gone, or longer by now
            continue
        sides = [side for side in (before[place], after[place]) if side >= 0]
        if not sides:
            continue
        into = max(sides, key=lambda side: left[side].seconds)
        join(place, into)
        for side in (before[into], after[into]):
            if side >= 0 and left[side].state == left[into].state:
                join(side, into)
        if left[into].seconds < shortest:
            heapq.heappush(waiting, (left[into].seconds, into))
    return [left[place] for place in sorted(left)]


def _stretches(rows: pd.DataFrame) -> list[Integers]:
    """The places of rows, sorted by them, of the same person and part in parsed frames in a row."""
    same = (rows[["track", "order"]].diff() == 0).all(axis=1) & (rows["place"].diff() == 1)
    return _cut(np.arange(len(rows)), (~same).cumsum().to_numpy())


def _cut(places: Integers, values: Integers) -> list[Integers]:
    """Places, cut where the value of the next one differs."""
    return np.split(places, np.flatnonzero(np.diff(values)) + 1) if len(places) else []
