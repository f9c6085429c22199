import gzip
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import STATES, STRIDE, make_scene, within_lengths
from scipy.optimize import linear_sum_assignment

from benchmarks.references.plain_metric import plain_psc, plain_score
from partparse import challenge, tables
from partparse.challenge_writer import write_results
from partparse.errors import InputError
from partparse.metric import (
    evaluate,
    evaluate_files,
    evaluate_shards,
    evaluate_tables,
    judged,
    match_persons,
    result_files,
    summarise_actions,
    summarise_parts,
    video_values,
)
from partparse.metric.matching import _solve, assign
from partparse.submission import write_submission
from partparse.vocabulary import PARTS, PERSON

ACTION = {"v": "run"}
BODY = [0, 0, 99, 99]
HEAD = [10, 10, 19, 19]
CASE = ("gt_vid", "gt_part", "pred_vid", "pred_part")


def true_human(box: list[float] | None = None, **states: str) -> dict[str, Any]:
    parts = {name: {"name": name, "box": HEAD, "verb": state} for name, state in states.items()}
    return {"box": box or BODY, "parts": parts}


def guess(box: list[float] | None = None, **proposals: Any) -> dict[str, Any]:
    """A predicted human; each part as (boxes, states)."""
    parts = {name: {"box": boxes, "verb": states} for name, (boxes, states) in proposals.items()}
    return {"box": box or BODY, "parts": parts}


def psc(true: list[list[Any]], predicted: list[list[Any] | None]) -> float:
    """PSC of one video, given the humans of its scored frames; None: the frame is missing."""
    gt = {f"img_{5 * i + 1:05d}.json": {"humans": h} for i, h in enumerate(true)}
    pred = {
        f"img_{5 * i + 1:05d}.json": {"humans": h} for i, h in enumerate(predicted) if h is not None
    }
    result = evaluate(ACTION, {"v": gt}, ACTION, {"v": pred})
    return float(result.videos["psc"][0])


def test_golden_cases(shared: Path) -> None:
    cases = json.loads(gzip.decompress((shared / "golden/metric_cases.json.gz").read_bytes()))
    assert len(cases) == 120
    for case in cases:
        result = evaluate(
            case["gt_vid_result"],
            case["gt_part_result"],
            case["pred_vid_result"],
            case["pred_part_result"],
        )
        expected = case["expected"]
        videos = result.videos.set_index("video")
        assert result.score == pytest.approx(expected["score"], abs=1e-9)
        assert videos["psc"].to_dict() == pytest.approx(expected["psc"], abs=1e-9)
        assert videos["correct"].to_dict() == expected["correct"]


def write_case(folder: Path, case: dict[str, Any]) -> None:
    for name in CASE:
        text = json.dumps(case[f"{name}_result"])
        (folder / f"{name}_result.json").write_text(text, "utf-8")


def test_files_score_as_their_objects_do(shared: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(challenge, "BLOCK", 2000)  # so that a case comes in several pieces
    monkeypatch.setattr(result_files, "_LEAST", 0)
    cases = json.loads(gzip.decompress((shared / "golden/metric_cases.json.gz").read_bytes()))
    for case in cases[::8]:
        write_case(tmp_path, case)
        expected = evaluate(*(case[f"{name}_result"] for name in CASE))
        for processes in (1, 2):
            found = evaluate_files(tmp_path, tmp_path, processes=processes)
            pd.testing.assert_frame_equal(found.videos, expected.videos, check_exact=True)


def test_faults_of_files_are_named_as_those_of_objects(tmp_path: Path) -> None:
    true = {"v": {"img_00001.json": {"humans": [true_human(head="bend")]}}}
    case = {"gt_vid_result": ACTION, "gt_part_result": true, "pred_vid_result": ACTION}
    write_case(tmp_path, case | {"pred_part_result": {"w": {}}})
    with pytest.raises(InputError, match=r"pred_part_result\.json: no video 'v'"):
        evaluate_files(tmp_path, tmp_path)
    (tmp_path / "pred_part_result.json").write_text('{"v": {"img_00001.json": {"humans": ]}}')
    with pytest.raises(InputError, match=r"pred_part_result\.json: not valid JSON at line 1"):
        evaluate_files(tmp_path, tmp_path)


def test_a_right_part_is_worth_one_over_its_proposals() -> None:
    true = [[true_human(head="bend")]]
    assert psc(true, [[guess(head=([HEAD], ["bend"]))]]) == 1
    assert psc(true, [[guess(head=([HEAD], ["none"]))]]) == 0
    assert psc(true, [[guess(head=([HEAD, HEAD], ["none", "bend"]))]]) == 1 / 2
    # the box that hits must carry the state
    assert psc(true, [[guess(head=([HEAD, [50, 50, 60, 60]], ["none", "bend"]))]]) == 0
    # states without a box count as proposals
    assert psc(true, [[guess(head=([HEAD], ["bend", "none"]))]]) == 1 / 2
    assert psc(true, [[guess(head=([], []))]]) == 0
    assert psc(true, [[guess(hip=([HEAD], ["bend"]))]]) == 0


def test_part_boxes_hit_from_three_tenths_on() -> None:
    true = [[true_human(head="bend")]]
    # 10 x 10 against 3 x 10 inside it: exactly 0.3
    assert psc(true, [[guess(head=([[10, 10, 12, 19]], ["bend"]))]]) == 1
    assert psc(true, [[guess(head=([[10, 10, 11.99, 19]], ["bend"]))]]) == 0


def test_persons_match_above_one_half() -> None:
    answer = {"head": ([HEAD], ["bend"])}
    true = [[true_human(head="bend")]]
    # 100 x 100 against 50 x 100 inside it: exactly 0.5, which is not enough
    assert psc(true, [[guess([0, 0, 49, 99], **answer)]]) == 0
    assert psc(true, [[guess([0, 0, 50, 99], **answer)]]) == 1


def test_frames_that_count() -> None:
    right = guess(head=([HEAD], ["bend"]))
    full, bare = [true_human(head="bend")], [true_human()]
    assert psc([full, full], [[right], None]) == 1 / 2
    assert psc([full, []], [[right], None]) == 1
    assert psc([full, bare], [[right], []]) == 1
    # the evaluator's exception: no parts in the truth, and no frame in the prediction
    assert psc([full, bare], [[right], None]) == 1 / 2
    assert psc([bare], [None]) == 0
    assert psc([bare, []], [[], None]) == 1
    assert psc([], []) == 1


def test_a_frame_is_the_mean_over_its_parts_and_a_video_over_its_frames() -> None:
    right = {"head": ([HEAD], ["bend"])}
    both = [true_human(head="bend", hip="none"), true_human([200, 0, 299, 99], head="bend")]
    # one of three parts, then one of one
    assert psc([both, [true_human(head="bend")]], [[guess(**right)], [guess(**right)]]) == (
        pytest.approx((1 / 3 + 1) / 2)
    )


def test_assignment_maximises_the_sum_and_disjoint_pairs_weigh_minus_one() -> None:
    true = np.array([[0, 0, 99, 99], [100, 0, 199, 99]], float)
    # the best pair alone would leave the second true person with a disjoint box (-1)
    predicted = np.array([[10, 0, 109, 99], [0, 30, 99, 129]], float)
    frames = np.zeros(2, int)
    partner, iou = assign(frames, true, frames, predicted)
    assert partner.tolist() == [1, 0]
    assert iou == pytest.approx([7000 / 13000, 1000 / 19000])


def test_assignment_leaves_persons_over_and_keeps_frames_apart() -> None:
    box = np.array([[0, 0, 9, 9]], float)
    partner, iou = assign(np.array([0, 0, 2]), np.repeat(box, 3, 0), np.array([0, 1]), box[[0, 0]])
    assert sorted(partner[:2].tolist()) == [-1, 0]
    assert partner[2] == -1
    assert sorted(iou.tolist()) == [-1, -1, 1]
    nobody, _ = assign(np.zeros(1, int), box, np.zeros(0, int), np.zeros((0, 4)))
    assert nobody.tolist() == [-1]


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 6))
@settings(max_examples=100, deadline=None)
def test_assignment_is_scipys(seed: int, rows: int, columns: int) -> None:
    """Also where few partners come into question, and where many are as good."""
    rng = np.random.default_rng(seed)
    weights = rng.choice([-1, 0.1, 0.5, 0.5001, 0.9], (20, rows, columns)).astype(np.float32)
    size = max(rows, columns)
    for chosen, own in zip(_solve(weights), weights, strict=True):
        padded = np.zeros((size, size), np.float32 if rows == columns else np.float64)
        padded[:rows, :columns] = own
        expected = linear_sum_assignment(1 - padded)[1][:rows]
        assert np.minimum(chosen, columns).tolist() == np.minimum(expected, columns).tolist()


def test_score_is_the_area_with_whole_steps() -> None:
    values = video_values(np.array([1.0, 0.3, 0.29999, 0.00009, 0.5]), np.array([1, 1, 1, 1, 0]))
    assert values.tolist() == [0.9999, 0.3, 0.2999, 0, 0]


@given(
    st.lists(st.tuples(st.floats(0, 1) | st.sampled_from([0.1, 0.7, 0.07, 1 / 3]), st.booleans()))
)
@settings(max_examples=30, deadline=None)
def test_score_equals_the_sum_over_thresholds(videos: list[tuple[float, bool]]) -> None:
    if videos:
        values, correct = zip(*videos, strict=True)
        fast = video_values(np.array(values), np.array(correct)).mean()
        assert fast == pytest.approx(plain_score(list(values), list(correct)), abs=1e-9)


def _random_case(rng: np.random.Generator) -> tuple[dict, dict]:
    """Humans on a coarse grid, so that ties, disjoint boxes and thresholds come up often."""

    def box(size: int) -> list[float]:
        corner = rng.integers(0, 5, 2) * 10
        return [*corner.tolist(), *(corner + size + rng.integers(0, 3, 2) * 5).tolist()]

    def human(predicted: bool) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        for name in rng.permutation(PARTS)[: rng.integers(0, 6)].tolist():
            states = rng.choice(STATES[:2], rng.integers(0, 6) if predicted else 1).tolist()
            boxes = [box(15) for _ in states]
            parts[name] = (
                {"box": boxes, "verb": states}
                if predicted
                else {"box": boxes[0], "verb": states[0]}
            )
        return {"box": box(25), "parts": parts}

    true, predicted = {}, {}
    for number in range(1, 5 * int(rng.integers(1, 6)), 5):
        name = challenge.frame_name(number)
        true[name] = {"humans": [human(False) for _ in range(rng.integers(0, 5))]}
        if rng.random() < 0.9:
            predicted[name] = {"humans": [human(True) for _ in range(rng.integers(0, 5))]}
    return true, predicted


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_equals_the_plain_version(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cases = {f"v{index}": _random_case(rng) for index in range(3)}
    actions = dict.fromkeys(cases, "run")
    true = {video: case[0] for video, case in cases.items()}
    predicted = {video: case[1] for video, case in cases.items()}
    result = evaluate(actions, true, actions, predicted)
    plain = [plain_psc(*case) for case in cases.values()]
    assert result.videos["psc"].tolist() == pytest.approx(plain, abs=1e-12)


def test_what_the_prediction_has_beyond_the_truth_is_ignored() -> None:
    true = {"v": {"img_00001.json": {"humans": [true_human(head="bend")]}}}
    answer = {"humans": [guess(head=([HEAD], ["bend"]), tail=([HEAD], ["bend"]))]}
    broken: dict[str, Any] = {"humans": "nothing that could be scored"}
    predicted = {"v": {"img_00001.json": answer, "img_00002.json": broken}, "w": broken}
    result = evaluate(ACTION, true, ACTION | {"w": "squat"}, predicted)
    assert result.score == 0.9999


def test_a_person_that_matches_nobody_needs_no_parts() -> None:
    true = {"v": {"img_00001.json": {"humans": [true_human(head="bend")]}}}
    answer = {"humans": [guess(head=([HEAD], ["bend"])), {"box": [500, 0, 599, 99]}]}
    assert evaluate(ACTION, true, ACTION, {"v": {"img_00001.json": answer}}).score == 0.9999


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda h: h[0].pop("box"), "video v, frame img_00001.json, human 1: no 'box'"),
        (lambda h: h[0].pop("parts"), "human 1: expected an object 'parts'"),
        (lambda h: h[0].update(box=[0, 0, float("nan"), 9]), "expected finite numbers"),
        (lambda h: h[0].update(box=["0", "0", "9", "9"]), "expected four numbers"),
        (lambda h: h.extend(h * 10), "11 humans; expected at most 10"),
        (
            lambda h: h[0]["parts"]["head"].update(verb="bend"),
            "human 1, part head: 'verb' is the string 'bend', which would be counted by letters",
        ),
        (lambda h: h[0]["parts"]["head"].update(box=HEAD), "expected a list of boxes"),
        (lambda h: h[0]["parts"]["head"].update(verb=["bend"] * 6), "6 states; expected at most 5"),
        (lambda h: h[0]["parts"]["head"].update(verb=[]), "1 boxes and 0 states"),
        (lambda h: h[0]["parts"]["head"].update(verb=[["bend"]]), "expected a list of states"),
        (lambda h: h[0]["parts"]["head"].pop("verb"), "an object with 'box' and 'verb'"),
    ],
)
def test_what_cannot_be_scored_is_named(change: Any, message: str) -> None:
    true = {"v": {"img_00001.json": {"humans": [true_human(head="bend")]}}}
    humans = [guess(head=([HEAD], ["bend"]))]
    change(humans)
    with pytest.raises(InputError) as error:
        evaluate(ACTION, true, ACTION, {"v": {"img_00001.json": {"humans": humans}}})
    assert message in str(error.value)
    assert "pred_part_result.json: video v" in str(error.value)


def test_missing_videos_and_humans_are_named() -> None:
    true = {"v": {"img_00001.json": {"humans": [true_human(head="bend")]}}}
    with pytest.raises(InputError, match=r"pred_vid_result\.json: no video 'v'"):
        evaluate(ACTION, true, {}, {"v": {}})
    with pytest.raises(InputError, match=r"pred_part_result\.json: no video 'v'"):
        evaluate(ACTION, true, ACTION, {})
    with pytest.raises(InputError, match=r"gt_part_result\.json: no video 'v'"):
        evaluate(ACTION, {}, ACTION, {})
    with pytest.raises(InputError, match="expected an object with a list 'humans'"):
        evaluate(ACTION, true, ACTION, {"v": {"img_00001.json": {}}})
    with pytest.raises(InputError, match="a key for each frame"):
        evaluate(ACTION, {"v": [{}]}, ACTION, {"v": {}})


def test_faults_of_the_truth_are_named() -> None:
    true: dict[str, Any] = {"v": {"img_00001.json": {"humans": [true_human(head="bend")]}}}
    predicted = {"v": {"img_00001.json": {"humans": []}}}
    flat = deepcopy(true)
    flat["v"]["img_00001.json"]["humans"][0]["parts"]["head"]["verb"] = ["bend"]
    with pytest.raises(InputError, match=r"gt_part_result\.json: video v.*expected one state"):
        evaluate(ACTION, flat, ACTION, predicted)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_tables_score_as_their_files_do(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    scene = make_scene(seed)
    folder = tmp_path_factory.mktemp("files")
    write_submission(folder, within_lengths(scene), scene.actions, scene.lengths, stride=STRIDE)
    reach = pd.DataFrame({"video": scene.truth["video"], "frames": 3 * STRIDE})
    write_results(folder, "gt", scene.truth, scene.annotations, reach, stride=STRIDE)
    true = challenge.read_results(folder, challenge.TRUTH)
    predicted = challenge.read_results(folder, challenge.PREDICTION)
    files = evaluate(true.actions, true.frames, predicted.actions, predicted.frames)
    result = evaluate_tables(*scene.all(), stride=STRIDE)
    pd.testing.assert_frame_equal(result.videos, files.videos, check_dtype=False, check_exact=True)
    assert result.score == files.score


@pytest.mark.parametrize("seed", range(5))
def test_shards_score_as_the_whole_does(seed: int) -> None:
    truth, annotations, actions, parses, lengths = make_scene(seed).all()
    whole = evaluate_tables(truth, annotations, actions, parses, lengths, stride=STRIDE)
    # nothing is predicted of video_1
    shards = [parses[parses["video"] == video] for video in ("video_0", "video_2")]
    left = parses[parses["video"] != "video_1"]
    expected = evaluate_tables(truth, annotations, actions, left, lengths, stride=STRIDE)
    is_second = annotations["video"] == "video_1"
    halves = [annotations[is_second], annotations[~is_second]]
    found = evaluate_shards(truth, halves, actions, shards, lengths, stride=STRIDE)
    pd.testing.assert_frame_equal(found.videos, expected.videos, check_exact=True)
    together = evaluate_shards(truth, [annotations], actions, [parses], lengths, stride=STRIDE)
    pd.testing.assert_frame_equal(together.videos, whole.videos, check_exact=True)
    for summary in (summarise_parts, lambda parts: summarise_actions(parts, truth)):
        pd.testing.assert_frame_equal(summary(found.parts), summary(expected.parts))
    with pytest.raises(InputError, match="video video_0 is in two tables"):
        evaluate_shards(truth, [annotations], actions, [shards[0]] * 2, lengths, stride=STRIDE)


def test_tables_need_no_order() -> None:
    scene = make_scene(11)
    shuffled = [table.sample(frac=1, random_state=3) for table in scene.all()]
    expected = evaluate_tables(*scene.all(), stride=STRIDE).videos
    found = evaluate_tables(*shuffled, stride=STRIDE).videos.sort_values("video")
    pd.testing.assert_frame_equal(found.reset_index(drop=True), expected)


def test_persons_may_have_any_number() -> None:
    scene = make_scene(11)
    numbers = {number: 2**31 - 1000 + number for number in range(1, 1000)}
    changed = [
        table.assign(person=table["person"].map(numbers).astype("int32"))
        if "person" in table
        else table
        for table in scene.all()
    ]
    found = evaluate_tables(*changed, stride=STRIDE).videos
    pd.testing.assert_frame_equal(found, evaluate_tables(*scene.all(), stride=STRIDE).videos)


def test_hits_by_part() -> None:
    scene = make_scene(5)
    result = evaluate_tables(*scene.all(), stride=STRIDE)
    parts = result.parts
    assert parts is not None
    assert len(parts) == (scene.annotations["part"] != PERSON).sum()
    assert parts["box_hit"].any()
    assert (parts["correct"] == (parts["box_hit"] & parts["state_hit"])).all()
    assert not (parts["box_hit"] & ~parts["matched"]).any()
    by_frame = parts.groupby(["video", "frame"], observed=True)["correct"].mean()
    counted = scene.annotations[scene.annotations["frame"] <= 11].groupby("video")["frame"]
    assert by_frame.between(0, 1).all()
    assert counted.size().gt(0).all()
    summary = summarise_parts(parts).set_index("part")
    assert summary.loc["all", "truth_parts"] == len(parts)
    head = parts[parts["part"] == "head"]
    assert summary.loc["head", "box_hit"] == pytest.approx(head["box_hit"].mean())
    assert summary.loc["head", "state_given_box"] == pytest.approx(
        head.loc[head["box_hit"], "state_hit"].mean()
    )
    by_action = summarise_actions(parts, scene.truth)
    assert by_action["truth_parts"].sum() == len(parts)
    action = scene.truth["action"].iloc[0]
    own = parts[parts["video"].isin(scene.truth.loc[scene.truth["action"] == action, "video"])]
    cell = by_action.set_index(["action", "part"]).loc[(action, "head")]
    assert cell["correct"] == pytest.approx(own.loc[own["part"] == "head", "correct"].mean())


def test_other_videos_and_frames_of_the_annotations_are_ignored() -> None:
    scene = make_scene(7)
    expected = evaluate_tables(*scene.all(), stride=STRIDE)
    odd = scene.annotations.assign(frame=scene.annotations["frame"] + 1)
    other = scene.annotations.assign(video="another")
    more = pd.concat([scene.annotations, odd, other])
    found = evaluate_tables(
        scene.truth, more, scene.actions, scene.parses, scene.lengths, stride=STRIDE
    )
    pd.testing.assert_frame_equal(found.videos, expected.videos)


def test_tables_that_lack_something_are_refused() -> None:
    scene = make_scene(7)
    truth, annotations, actions, parses, lengths = scene.all()
    with pytest.raises(InputError, match="predicted actions: no video 'video_0'"):
        evaluate_tables(truth, annotations, actions[1:], parses, lengths, stride=STRIDE)
    with pytest.raises(InputError, match="frames: no video 'video_2'"):
        evaluate_tables(truth, annotations, actions, parses, lengths[:2], stride=STRIDE)
    orphans = parses[(parses["part"] != PERSON) | (parses["frame"] > 1)]
    with pytest.raises(InputError, match=r"parses: video .* but no row of its own"):
        evaluate_tables(truth, annotations, actions, orphans, lengths, stride=STRIDE)


def test_no_videos_score_nothing() -> None:
    scene = make_scene(7)
    result = evaluate_tables(
        scene.truth[:0], scene.annotations, scene.actions, scene.parses, scene.lengths
    )
    assert result.score == 0
    assert result.videos.empty
    assert evaluate({}, {}, {}, {}).score == 0


def test_videos_without_parses_score_zero() -> None:
    scene = make_scene(7)
    nothing = tables.empty(tables.PARSES)
    result = evaluate_tables(
        scene.truth, scene.annotations, scene.actions, nothing, scene.lengths, stride=STRIDE
    )
    assert (result.videos["psc"] == 0).all()


def test_unannotated_videos_are_not_judged(caplog: pytest.LogCaptureFixture) -> None:
    scene = make_scene(7)
    some = scene.annotations[scene.annotations["video"] != "video_1"]
    assert judged(scene.truth, some)["video"].tolist() == ["video_0", "video_2"]
    assert "video_1" in caplog.text


def test_match_persons_gives_numbers_whatever_the_iou() -> None:
    row = {"video": "v", "frame": 1, "part": PERSON, "state": None}
    boxes = {"x1": [0, 200], "y1": [0, 0], "x2": [99, 299], "y2": [99, 99]}
    true = pd.DataFrame(row | {"person": [1, 2]} | boxes)
    parses = pd.DataFrame(row | {"person": [4, 9]} | boxes | {"x1": [200, 60], "x2": [299, 159]})
    pairs = match_persons(true, parses, ["v"])
    assert pairs["partner"].tolist() == [9, 4]
    assert pairs["iou"].tolist() == pytest.approx([4000 / 16000, 1])
