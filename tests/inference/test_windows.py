"""Long videos are parsed in windows, and come out as one."""

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.frames.settings import FrameSettings
from partparse.inference.joining import join
from partparse.inference.parse import Parse
from partparse.inference.windows import LENGTH, Cutting, cut
from partparse.vocabulary import PERSON

STRIDE = 2
SHORT = Cutting(length=12, overlap=4)


def write_windows(folder, count, cutting=SHORT):
    """The windows of a video, and which pictures lie in each one's folder."""
    pictures = [(np.full((8, 8, 3), 5 * number, np.uint8), number / 10) for number in range(count)]
    for window in cut(pictures, cutting, lambda first: folder / str(first), FrameSettings()):
        yield window, sorted(path.name for path in (folder / str(window.first)).iterdir())


@pytest.mark.parametrize(("count", "firsts"), [(5, [1]), (12, [1]), (13, [1, 9]), (21, [1, 9, 17])])
def test_windows_hold_all_frames_and_overlap(tmp_path, count, firsts):
    windows = list(write_windows(tmp_path, count))
    assert [window.first for window, _ in windows] == firsts
    last = windows[-1][0]
    assert last.first - 1 + last.frames == count
    for window, names in windows:
        assert names == [f"img_{number:05d}.jpg" for number in range(1, window.frames + 1)]
        assert window.times == [(window.first - 1 + n) / 10 for n in range(window.frames)]
    assert not list(tmp_path.iterdir())  # pictures do not pile up


@pytest.mark.parametrize("stride", [1, 5, 6, 50, 1000])
def test_windows_begin_at_a_parsed_frame(stride):
    cutting = Cutting.of(stride)
    assert (cutting.length - cutting.overlap) % stride == 0
    assert cutting.overlap // 2 % stride == 0
    assert cutting.length <= LENGTH or cutting.length == 2 * cutting.overlap


def walk(person, track, first, last):
    """A person that walks, as rows (frame, person, track, x1)."""
    return [(n, person, track, 100 * track + n) for n in range(first, last + 1)]


def make_parse(rows, first, last, action="run"):
    """The parse of the frames `first` to `last` of a video, as that of a video of its own."""
    own = [(n - first + 1, *rest) for n, *rest in rows if first <= n <= last]
    table = pd.DataFrame(own, columns=["frame", "person", "track", "x1"])
    table = table.assign(video="v", y1=0, x2=table["x1"] + 50, y2=90, score=0.9)
    table["seconds"] = (table["frame"] + first - 2) / 10
    parsed = table[(table["frame"] - 1) % STRIDE == 0].assign(
        part=PERSON, state=None, state_probability=None
    )
    parsed = parsed.reset_index(drop=True)
    points = tables.unpack_keypoints(parsed, np.ones((len(parsed), 17, 3)))
    points = points.assign(track=parsed["track"], seconds=parsed["seconds"])
    actions = pd.DataFrame({"first_frame": [1], "last_frame": last - first + 1, "action": action})
    return Parse(
        name="v",
        source="",
        width=640,
        height=480,
        fps=10.0,
        problem=None,
        method="decide",
        stride=STRIDE,
        times=np.arange(first - 1, last) / 10,
        actions=actions.assign(p_run=0.5, p_sit=0.5),
        parses=tables.PARSED.validate(parsed[list(tables.PARSED.columns)]),
        keypoints=tables.checked(points, tables.POSED),
        tracks=tables.TRACKS.validate(
            table.assign(detected=True)[list(tables.TRACKS.columns)].reset_index(drop=True)
        ),
    )


def test_joined_windows_are_the_video():
    rows = walk(1, 1, 1, 28) + walk(2, 2, 5, 14) + walk(2, 3, 20, 28)
    whole = make_parse(rows, 1, 28)
    # each window counts its tracks anew, in another order
    renamed = [(n, p, {1: 2, 2: 1, 3: 3}[t], x) for n, p, t, x in rows if n <= 20]
    pieces = [
        (1, make_parse(rows, 1, 12)),
        (9, make_parse(renamed, 9, 20)),
        (17, make_parse([(n, p, {1: 1, 3: 2}[t], x) for n, p, t, x in rows if n > 16], 17, 28)),
    ]
    joined = join(pieces, SHORT.overlap)
    assert joined.length == 28
    np.testing.assert_array_equal(joined.times, whole.times)
    for name in ("parses", "keypoints", "tracks"):
        key = ["frame", "person"] if name != "tracks" else ["frame", "track"]
        own, expected = (
            getattr(parse, name).sort_values(key, ignore_index=True) for parse in (joined, whole)
        )
        pd.testing.assert_frame_equal(own, expected)
    assert joined.actions["first_frame"].tolist() == [1, 11, 19]
    assert joined.actions["last_frame"].tolist() == [10, 18, 28]


def test_the_action_of_a_long_video_is_that_of_most_of_it():
    pieces = [(1, make_parse([], 1, 12)), (9, make_parse([], 9, 13, action="sit"))]
    for (_, piece), chances in zip(pieces, [[0.7, 0.3], [0.4, 0.6]], strict=True):
        piece.actions[["p_run", "p_sit"]] = chances
    joined = join(pieces, SHORT.overlap)
    assert joined.action == "run"
    assert joined.probabilities["run"] == pytest.approx((10 * 0.7 + 3 * 0.4) / 13)
    assert joined.actions["action"].tolist() == ["run", "sit"]
