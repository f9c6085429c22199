import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partparse import tables
from partparse.metric import oracle
from partparse.metric.oracle import oracle_ladder
from partparse.metric.rows import evaluate_tables
from partparse.vocabulary import PERSON
from tests.samples.scenes import STRIDE, Scene, make_scene

ROWS = [
    "ours",
    "gt_action",
    "gt_states",
    "gt_part_boxes",
    "gt_part_boxes_states",
    "gt_persons",
    "all_gt",
]
PERSON_BOX = (0, 0, 99, 99)
HEAD_BOX = (40, 0, 59, 19)
AWAY = (0, 80, 19, 99)


def ladder_of(scene: Scene) -> pd.DataFrame:
    return oracle_ladder(*scene.all(), stride=STRIDE).set_index("row")


def one_video(rows: list[tuple], action: str = "run") -> Scene:
    """A person with a bent head and an unbent hip is true; `rows`: person, part, box, state."""
    true = [
        (1, PERSON, PERSON_BOX, None),
        (1, "head", HEAD_BOX, "bend"),
        (1, "hip", HEAD_BOX, "unbend"),
    ]
    annotations, parses = (
        pd.DataFrame(
            [("v", 1, person, part, *box, state) for person, part, box, state in entries],
            columns=["video", "frame", "person", "part", *tables.BOX, "state"],
        )
        for entries in (true, rows)
    )
    return Scene(
        truth=pd.DataFrame({"video": ["v"], "action": ["run"]}),
        annotations=tables.ANNOTATIONS.validate(annotations),
        actions=pd.DataFrame({"video": ["v"], "action": [action]}),
        parses=tables.PARSES.validate(parses.assign(score=0.5, state_probability=1.0)),
        lengths=pd.DataFrame({"video": ["v"], "frames": [1]}),
    )


def test_each_row_mends_its_own_piece() -> None:
    rows = [(3, PERSON, PERSON_BOX, None), (3, "head", HEAD_BOX, "none")]
    ladder = ladder_of(one_video(rows))
    assert ladder.index.tolist() == ROWS
    assert ladder["psc"].to_dict() == {
        "ours": 0,
        "gt_action": 0,
        "gt_states": 0.5,
        "gt_part_boxes": 0,  # the hip is added, but nothing is known of its state
        "gt_part_boxes_states": 1,
        "gt_persons": 0,
        "all_gt": 1,
    }


def test_part_boxes_save_right_states() -> None:
    rows = [(1, PERSON, PERSON_BOX, None), (1, "head", AWAY, "bend"), (1, "hip", AWAY, "none")]
    psc = ladder_of(one_video(rows))["psc"]
    assert psc["ours"] == 0
    assert psc["gt_states"] == 0
    assert psc["gt_part_boxes"] == 0.5


def test_action_saves_a_wrong_class() -> None:
    rows = [(1, PERSON, PERSON_BOX, None), (1, "head", HEAD_BOX, "bend")]
    ladder = ladder_of(one_video(rows, action="squat"))
    expected = dict.fromkeys(ROWS, 0.0) | {"gt_action": 0.5, "all_gt": 0.9999}
    assert ladder["score"].to_dict() == expected
    assert ladder["video_accuracy"].sum() == 2


def test_person_boxes_save_persons_that_overlap_too_little() -> None:
    rows = [(1, PERSON, (0, 0, 39, 99), None), (1, "head", HEAD_BOX, "bend")]
    psc = ladder_of(one_video(rows))["psc"]
    assert psc["ours"] == 0
    assert psc["gt_part_boxes_states"] == 0
    assert psc["gt_persons"] == 0.5


def test_added_persons_count_among_the_ten() -> None:
    crowd = [(n, PERSON, (500 + n, 0, 599, 99), None) for n in range(1, 11)]
    psc = ladder_of(one_video(crowd))["psc"]
    assert psc["gt_persons"] == 0
    assert psc["all_gt"] == 1


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_random_ladders_climb_to_the_top(seed: int) -> None:
    scene = make_scene(seed)
    ladder = ladder_of(scene)
    ours = evaluate_tables(*scene.all(), stride=STRIDE)
    assert ladder.loc["ours", "score"] == pytest.approx(ours.score)
    assert ladder.loc["all_gt", "score"] == pytest.approx(0.9999)
    psc = ladder["psc"]
    assert psc["gt_action"] == psc["ours"]
    for row in ("gt_states", "gt_part_boxes"):
        assert psc["ours"] <= psc[row] <= psc["gt_part_boxes_states"] + 1e-12


def test_no_parses_at_all() -> None:
    scene = make_scene(1)
    empty = Scene(
        scene.truth, scene.annotations, scene.actions, tables.empty(tables.PARSES), scene.lengths
    )
    ladder = ladder_of(empty)
    assert ladder.loc["gt_persons", "psc"] == 0
    assert ladder.loc["all_gt", "score"] == pytest.approx(0.9999)


def test_it_makes_no_difference_how_many_videos_are_scored_at_once(monkeypatch):
    scene = make_scene(0)
    together = ladder_of(scene)
    assert len(scene.truth) > 1
    monkeypatch.setattr(oracle, "VIDEOS_AT_ONCE", 1)
    pd.testing.assert_frame_equal(ladder_of(scene), together, check_exact=True)
