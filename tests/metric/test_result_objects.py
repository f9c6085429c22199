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
from scipy.optimize import linear_sum_assignment

from benchmarks.submission.plain_metric import plain_psc, plain_score
from partparse.challenge import format as challenge
from partparse.errors import InputError
from partparse.metric import result_files
from partparse.metric.matching import _solve, assign
from partparse.metric.psc import video_values
from partparse.metric.result_files import evaluate_files
from partparse.metric.result_objects import evaluate
from partparse.vocabulary import PARTS
from tests.samples.scenes import STATES

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


@pytest.fixture(scope="module")
def golden(repository: Path) -> list[dict[str, Any]]:
    """Cases with the answers of the challenge's evaluator."""
    path = repository / "tests/data/golden/metric_cases.json.gz"
    return json.loads(gzip.decompress(path.read_bytes()))


def test_golden_cases(golden: list[dict[str, Any]]) -> None:
    assert len(golden) == 120
    for case in golden:
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


def test_files_score_as_their_objects_do(
    golden: list[dict[str, Any]], tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(challenge, "BLOCK", 2000)  # so that a case comes in several pieces
    monkeypatch.setattr(result_files, "_LEAST", 0)
    for case in golden[::8]:
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


def test_files_that_are_odd_score_as_their_objects_do(tmp_path: Path) -> None:
    """What typed decoding does not take is read once more, and scored if it can be."""
    true = {"v": {"img_00001.json": {"humans": [true_human(head="bend")]}}}
    for odd in (
        [{"box": [500, 0, 599, 99]}],  # matches nobody, so that its parts are not asked for
        [{"box": [500, 0, 599, 99], "parts": "none"}],
        [guess([True, 0, 99, 99])],
        [guess([500, 0, 2**70, 1e12])],
    ):
        predicted = {"v": {"img_00001.json": {"humans": [guess(head=([HEAD], ["bend"])), *odd]}}}
        files: tuple[Any, ...] = (ACTION, true, ACTION, predicted)
        names = [f"{name}_result" for name in CASE]
        write_case(tmp_path, dict(zip(names, files, strict=True)))
        expected = evaluate(*files)
        found = evaluate_files(tmp_path, tmp_path)
        pd.testing.assert_frame_equal(found.videos, expected.videos, check_exact=True)


def test_text_that_is_not_utf8_is_refused_in_what_is_not_looked_at(tmp_path: Path) -> None:
    true = {"v": {"img_00001.json": {"humans": [true_human(head="bend")]}}}
    answer = {"humans": [guess(head=([HEAD], ["bend"])), guess([500, 0, 599, 99], hip=([], ["x"]))]}
    case = dict(zip(CASE, (ACTION, true, ACTION, {"v": {"img_00001.json": answer}}), strict=True))
    write_case(tmp_path, {f"{name}_result": value for name, value in case.items()})
    path = tmp_path / "pred_part_result.json"
    path.write_bytes(path.read_bytes().replace(b'"x"', b'"\xff"'))
    with pytest.raises(InputError, match=r"pred_part_result\.json: expected UTF-8; .* at byte"):
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
    answer: dict[str, Any] = {"head": ([HEAD], ["bend"])}
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
    right: dict[str, Any] = {"head": ([HEAD], ["bend"])}
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
    predicted: dict[str, Any] = {"v": {"img_00001.json": {"humans": []}}}
    flat = deepcopy(true)
    flat["v"]["img_00001.json"]["humans"][0]["parts"]["head"]["verb"] = ["bend"]
    with pytest.raises(InputError, match=r"gt_part_result\.json: video v.*expected one state"):
        evaluate(ACTION, flat, ACTION, predicted)
