"""What `partparse parse` makes of a video: its record and its drawn frames."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.inference.annotated_video import frame_rate
from partparse.inference.parsed import parsed_videos
from partparse.inference.records import make_record, read_record, write_record
from partparse.report.annotated_frame import draw_frame, plan_layout
from partparse.vocabulary import PERSON


def row(number, person, part, box, score, state=None):
    return ("v", number, person, part, *box, score, state)


@pytest.fixture
def tables_of_a_video():
    """The arguments of `parsed_videos`: two frames parsed, whose persons are numbered anew."""
    person, arm = (10, 10, 50, 90), (10, 20, 20, 40)
    rows = [
        row(1, 1, PERSON, person, 0.9),
        row(1, 1, "left_arm", arm, 0.8, "bend_over"),
        row(1, 2, PERSON, (60, 10, 95, 90), 0.2),
        row(3, 1, PERSON, person, 0.9),
    ]
    parses = pd.DataFrame(rows, columns=list(tables.PARSES.columns))
    persons = pd.DataFrame(
        [("v", 1, 4, 11.0, 10.0, 50.0, 90.0, 0.5, -1)], columns=list(tables.PERSONS.columns)
    )
    keys = persons[["video", "frame", "person"]]
    points = np.tile([30.0, 50.0, 0.9], (1, 17, 1))
    frames = [("v", 4, 4, 100, 100, 10.0, None, "x"), ("w", 0, 4, 0, 0, None, "none", "y")]
    videos = [(name, "test", None, f"{name}.mp4", "x", 4, 100, 100, 10.0) for name in "vw"]
    chances = pd.DataFrame({"video": ["v", "w"], "p_run": [0.3, 0.5], "p_sit": [0.7, 0.5]})
    return {
        "videos": tables.VIDEOS.validate(pd.DataFrame(videos, columns=list(tables.VIDEOS.columns))),
        "frames": tables.FRAMES.validate(pd.DataFrame(frames, columns=list(tables.FRAMES.columns))),
        "actions": pd.DataFrame({"video": ["v", "w"], "action": ["run", "sit"]}),
        "probabilities": tables.ACTIONS.validate(chances),
        "parses": tables.PARSES.validate(parses),
        "pose": (tables.PERSONS.validate(persons), tables.unpack_keypoints(keys, points)),
    }


def test_a_record_of_a_video(tables_of_a_video, tmp_path):
    (found,) = parsed_videos(**tables_of_a_video)  # of the other nothing decodes
    record = make_record(found, "vote", 2, None)
    write_record(tmp_path / "v.json", record)
    assert read_record(tmp_path / "v.json") == record
    # what is submitted, though another action is likelier
    assert record["action"]["name"] == "run"
    assert record["action"]["probability"] == 0.3
    assert [entry["name"] for entry in record["action"]["top"]] == ["sit", "run"]
    first, second = record["frames"]
    assert (second["frame"], second["seconds"]) == (3, 0.2)
    assert [person["person"] for person in first["persons"]] == [1, 2]
    assert first["persons"][0]["keypoints"]["nose"] == [30.0, 50.0, 0.9]
    assert first["persons"][1]["keypoints"] is None
    arm = {"box": [10.0, 20.0, 20.0, 40.0], "score": 0.8, "state": "bend_over"}
    assert first["persons"][0]["parts"] == {"left_arm": arm}
    assert len((tmp_path / "v.json").read_text().splitlines()) < 50  # a line a frame


@pytest.mark.parametrize("pose", [True, False])
def test_a_frame_is_drawn_with_its_words_beside_it(tables_of_a_video, pose):
    given = tables_of_a_video if pose else tables_of_a_video | {"pose": None}
    (found,) = parsed_videos(**given)
    rows = found.parses[found.parses["frame"] == 1]
    layout = plan_layout(100, 100, ["bend_over"], 2)
    black = np.zeros((100, 100, 3), np.uint8)
    drawn = draw_frame(black, rows, found.keypoints.get(1, {}), layout, ("run 0.30", "frame 1"))
    assert drawn.shape == (layout.size[1], layout.size[0], 3)
    assert layout.picture == (480, 480)
    left, right = drawn[30:510, :480], drawn[:, 480:]
    green = (left == (0, 0x9E, 0x73)).all(axis=2)
    assert green.any() == pose
    assert (left == (0x56, 0xB4, 0xE9)).all(axis=2).any()  # the arm's box
    assert (right < 100).any()
    nobody = draw_frame(black, rows.iloc[:0], {}, layout, ("run 0.30", "frame 2"))
    assert not nobody[30:510, :480].any()


@pytest.mark.parametrize("size", [(1920, 1080), (1081, 1921), (33, 57), (640, 480)])
@pytest.mark.parametrize("persons", [0, 1, 5])
def test_every_video_has_a_layout_that_can_be_encoded(size, persons):
    width, height = size
    layout = plan_layout(width, height, ["none", "x" * 30], persons)
    assert 480 <= min(layout.picture) <= 720
    assert layout.size[0] % 2 == layout.size[1] % 2 == 0
    assert layout.size[0] >= layout.picture[0]
    columns = -(-persons // layout.persons)
    assert layout.size[0] >= layout.picture[0] + columns * layout.column
    assert layout.column > layout.names


def test_an_annotated_video_lasts_as_long_as_the_video():
    assert frame_rate(10.0, 5) == 2
    assert frame_rate(30000 / 1001, 5) == Fraction(6000, 1001)
    assert frame_rate(None, 5) == frame_rate(float("nan"), 5) == 5
