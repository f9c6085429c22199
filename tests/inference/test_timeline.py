"""The time line of a video: when each part of a person is in which state."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partparse import tables
from partparse.inference.moments import moments
from partparse.inference.parse import Parse
from partparse.inference.timeline import COLUMNS, EXPOSURE, add_up, reach, trace_states
from partparse.vocabulary import PERSON

Said = dict[tuple[int, str], str | None]
"""The states of some parts of persons on tracks; None: the part is not there."""


def make_parse(frames: list[Said], stride: int = 1, times: list[float] | None = None) -> Parse:
    """A parse whose parsed frames say something; all persons are called 1, 2, … in a frame."""
    rows: list[tuple[Any, ...]] = []
    for place, said in enumerate(frames):
        number = 1 + place * stride
        tracks = sorted({track for track, _ in said})
        for person, track in enumerate(tracks, start=1):
            known = ("v", number, person, 0, 0, 9, 9, 0.9)
            rows.append((*known[:3], PERSON, *known[3:], None, None, track))
            rows += [
                (*known[:3], part, *known[3:], state, 0.5 + place / 100, track)
                for (owner, part), state in said.items()
                if owner == track and state is not None
            ]
    length = (len(frames) - 1) * stride + 1
    shown = np.arange(length) / 10 if times is None else np.array(times, float)
    columns = [name for name in tables.PARSED.columns if name != "seconds"]
    table = pd.DataFrame(rows, columns=columns).assign(seconds=0.0)
    chances = {"p_run": [1.0]}
    over = {"first_frame": [1], "last_frame": [length], "action": ["run"]}
    return Parse(
        name="v",
        source="",
        width=10,
        height=10,
        fps=10.0,
        problem=None,
        method="decide",
        stride=stride,
        times=shown,
        actions=pd.DataFrame(over | chances),
        parses=tables.PARSED.validate(table),
        keypoints=tables.empty(tables.POSED),
        tracks=tables.empty(tables.TRACKS),
    )


def states(*names: str | None) -> list[Said]:
    """One person's head, frame by frame."""
    return [{(1, "head"): name} for name in names]


def spans(parse: Parse, shortest: float = 0, part: str = "head") -> list[tuple[str, int, int]]:
    found = trace_states(parse, shortest)
    own = found[found["part"] == part]
    return list(own[["state", "start_frame", "end_frame"]].itertuples(index=False, name=None))


def test_times_are_those_of_the_frames_also_where_the_rate_varies() -> None:
    times = [0, 0.1, 0.5, 0.6, 1.0]
    found = trace_states(make_parse(states("up", "up", "down"), 2, times), 0)
    assert list(found.columns) == COLUMNS
    head = found[found["part"] == "head"]
    assert head[["state", "start_s", "end_s"]].to_numpy().tolist() == [
        ["up", 0, 1.0],  # frame 4 lies halfway: as in the annotated video, the earlier has it
        ["down", 1.0, 1.25],  # the last frame is shown as long as one is on average
    ]
    assert head["mean_probability"].tolist() == pytest.approx([0.505, 0.52])
    (person,) = found[found["part"] == PERSON].itertuples()
    assert (person.state, person.start_s, person.end_s) == ("", 0, 1.25)
    assert np.isnan(person.mean_probability)


def test_a_gap_ends_a_span() -> None:
    parse = make_parse([*states("up", "up", None, "up"), {}, *states("up")])
    assert spans(parse) == [("up", 1, 2), ("up", 4, 4), ("up", 6, 6)]
    assert spans(parse, part=PERSON) == [("", 1, 4), ("", 6, 6)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("aaabaaa", [("a", 1, 7)]),
        ("aaabbb", [("a", 1, 3), ("b", 4, 6)]),
        ("aaabccc", [("a", 1, 4), ("c", 5, 7)]),  # of two that are as long, the earlier
        ("aabcccc", [("a", 1, 2), ("c", 3, 7)]),
        ("b", [("b", 1, 1)]),
        ("abab", [("b", 1, 4)]),
        ("baaa", [("a", 1, 4)]),
    ],
)
def test_flickers_go_to_their_neighbours(said: str, expected: list[tuple[str, int, int]]) -> None:
    assert spans(make_parse(states(*said)), shortest=0.15) == expected


def test_the_probability_of_a_merged_span_is_that_of_its_state() -> None:
    found = trace_states(make_parse(states(*"aaabaaa")), 0.15)
    head = found[found["part"] == "head"]
    assert head["mean_probability"].tolist() == pytest.approx(
        [0.5 + np.mean([0, 1, 2, 4, 5, 6]) / 100]
    )


def test_persons_on_no_track_have_no_time_line() -> None:
    parse = make_parse([{(-1, "head"): "up", (2, "head"): "down"}])
    assert set(trace_states(parse, 0)["person"]) == {2}
    nobody = make_parse([{}])
    assert list(trace_states(nobody, 0).columns) == COLUMNS
    assert list(add_up(trace_states(nobody, 0)).columns) == EXPOSURE


PARTS = ("head", "left_arm")
SAID = st.dictionaries(
    st.tuples(st.sampled_from([1, 2]), st.sampled_from(PARTS)),
    st.sampled_from(["up", "down", "none", None]),
)
FRAMES = st.lists(SAID, min_size=1, max_size=12)


def shown_states(parse: Parse) -> list[dict[tuple[int, str], str]]:
    """What the annotated video says in each frame: {(track, part): state}."""
    shown = [moment.rows for moment in moments(parse)]
    return [
        {
            (track, part): state or ""
            for track, part, state in zip(
                rows["track"], rows["part"], rows["state"].fillna(""), strict=True
            )
        }
        for rows in shown
    ]


@settings(deadline=None, max_examples=25)
@given(frames=FRAMES, stride=st.integers(1, 5), shortest=st.sampled_from([0.0, 0.15, 0.35, 2.0]))
def test_the_time_line_covers_each_scored_moment_once(
    frames: list[Said], stride: int, shortest: float
) -> None:
    parse = make_parse(frames, stride)
    found = trace_states(parse, shortest)
    covered: list[dict[tuple[int, str], str]] = [{} for _ in range(parse.length)]
    for span in found.itertuples():
        for said in covered[span.start_frame - 1 : span.end_frame]:
            assert (span.person, span.part) not in said
            said[span.person, span.part] = span.state
    shown = shown_states(parse)
    assert [said.keys() for said in covered] == [said.keys() for said in shown]
    assert shortest or covered == shown
    ends = set(zip(found["person"], found["part"], found["end_frame"], strict=True))
    starts = set(zip(found["person"], found["part"], found["start_frame"], strict=True))
    for span in found[found["end_s"] - found["start_s"] < shortest].itertuples():
        # what is short is alone
        assert (span.person, span.part, span.start_frame - 1) not in ends
        assert (span.person, span.part, span.end_frame + 1) not in starts
    total = add_up(found)
    assert total["seconds"].sum() == pytest.approx((found["end_s"] - found["start_s"]).sum())
    assert (total.groupby(["person", "part"])["share"].sum() - 1).abs().max() < 1e-9 or total.empty


@given(length=st.integers(1, 40), stride=st.integers(1, 9))
def test_each_frame_is_one_parsed_frame_s(length: int, stride: int) -> None:
    first, last = reach(length, stride)
    frames = [n for a, b in zip(first, last, strict=True) for n in range(a, b + 1)]
    assert frames == list(range(1, length + 1))


def test_without_times_frames_are_counted() -> None:
    parse = make_parse(states("up", "up"))
    unknown = replace(parse, times=np.full(2, np.nan))
    found = trace_states(unknown, 0)
    assert found["end_s"].tolist() == pytest.approx([0.08, 0.08])
