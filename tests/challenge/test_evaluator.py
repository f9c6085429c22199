"""`check-submission` against what the challenge's evaluator does, on generated submissions.

"Can be scored" means that the evaluator takes the files and gives the score that ours gives. It
reads them with `json.load(open(path))`, looks keys up without asking, and compares strings; the
plain metric of the benchmarks does the same, box by box, and stops where the evaluator stops.
"""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.submission.plain_metric import plain_psc, plain_score
from partparse.challenge.format import MAX_HUMANS, MAX_STATES, TRUTH, read_results
from partparse.challenge.submission import check_submission
from partparse.errors import InputError
from partparse.metric.result_files import evaluate_files

ACTIONS = {"a": "lunge", "b": "push_up"}
BOX = [10.0, 20.0, 50.0, 80.0]
STATES = {"head": "look_up", "left_arm": "swing"}
FRAMES = [f"img_{number:05d}.json" for number in (1, 6)]


def truth() -> dict[str, Any]:
    parts = {name: {"name": name, "box": BOX, "verb": state} for name, state in STATES.items()}
    frame = {"humans": [{"number": 1, "box": BOX, "parts": parts}]}
    return {video: {name: copy.deepcopy(frame) for name in FRAMES} for video in ACTIONS}


def prediction() -> dict[str, Any]:
    frames = truth()
    for entry in (entry for video in frames.values() for entry in video.values()):
        for part in entry["humans"][0]["parts"].values():
            part |= {"box": [part["box"]], "verb": [part["verb"]]}
    return frames


def save(folder: Path, kind: str, actions: Any, frames: Any) -> Path:
    folder.mkdir(exist_ok=True)
    for name, value in (("vid", actions), ("part", frames)):
        text = json.dumps(value, ensure_ascii=False)
        (folder / f"{kind}_{name}_result.json").write_text(text, encoding="utf-8")
    return folder


def official_score(gt: Path, pred: Path) -> float:
    """Raises whatever Python raises where the evaluator stops."""
    files = [
        folder / f"{kind}_{name}_result.json"
        for folder, kind in ((gt, "gt"), (pred, "pred"))
        for name in ("vid", "part")
    ]
    true_actions, true_frames, actions, frames = (
        json.loads(file.read_bytes().decode()) for file in files
    )
    psc, right = [], []
    for video, action in true_actions.items():
        right.append(action == actions[video])
        for name in true_frames[video]:
            answer = frames[video].get(name, {"humans": []})["humans"]
            assert len(answer) <= MAX_HUMANS
            parts = [part for human in answer for part in human["parts"].values()]
            assert all(len(part["verb"]) <= MAX_STATES for part in parts)
        psc.append(plain_psc(true_frames[video], frames[video]))
    return plain_score(psc, right)


WRONG: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        7,
        -1.5,
        1e39,
        10**400,
        float("nan"),
        "",
        "Lunge",
        "LOOK_UP",
        "swing ",
        [],
        {},
        [BOX],
        [[1, 2]],
        [BOX] * 11,
        ["swing"] * 6,
    ]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all entries of nested objects and lists."""
    keys = (
        value.keys()
        if isinstance(value, dict)
        else range(len(value))
        if isinstance(value, list)
        else ()
    )
    found = [(*path, key) for key in keys]
    return found + [inner for place in found for inner in places(value[place[-1]], place)]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_what_can_be_scored_is_scored_alike(tmp_path: Path, data: st.DataObject) -> None:
    submission = {"actions": dict(ACTIONS), "frames": prediction()}
    for _ in range(data.draw(st.integers(0, 2), label="changes")):
        path = data.draw(st.sampled_from(places(submission)[2:]), label="place")
        inner: Any = submission
        for key in path[:-1]:
            inner = inner[key]
        how = data.draw(st.sampled_from(["set", "delete", "rename"]), label="how")
        if how == "set":
            inner[path[-1]] = copy.deepcopy(data.draw(WRONG, label="value"))
        else:
            value = inner.pop(path[-1])
            if how == "rename" and isinstance(inner, dict):
                inner[f"{path[-1]} "] = value
    gt = save(tmp_path / "gt", "gt", ACTIONS, truth())
    pred = save(tmp_path / "pred", "pred", submission["actions"], submission["frames"])
    if not check_submission(pred, read_results(gt, TRUTH)):
        assert evaluate_files(gt, pred).score == pytest.approx(official_score(gt, pred), abs=1e-9)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("name", ["pred_vid_result.json", "pred_part_result.json"])
def test_files_in_an_encoding_that_the_evaluator_does_not_read(
    tmp_path: Path, encoding: str, name: str
) -> None:
    gt = save(tmp_path / "gt", "gt", ACTIONS, truth())
    pred = save(tmp_path / "pred", "pred", ACTIONS, prediction())
    (pred / name).write_text((pred / name).read_text(), encoding=encoding)
    with pytest.raises(ValueError):
        official_score(gt, pred)
    # without a mark at its beginning, UTF-16 is UTF-8 with odd signs in it
    said = "not valid JSON" if encoding == "utf-16-le" else "expected UTF-8"
    (fault,) = check_submission(pred, read_results(gt, TRUTH))
    assert f"{name}: " in fault
    assert said in fault
    with pytest.raises(InputError, match=said):
        evaluate_files(gt, pred)


@pytest.mark.parametrize("change", [str.title, lambda name: f"{name} ", lambda name: f"{name}s"])
def test_actions_that_are_never_right_are_named(
    tmp_path: Path, change: Callable[[str], str]
) -> None:
    gt = save(tmp_path / "gt", "gt", ACTIONS, truth())
    actions = {video: change(action) for video, action in ACTIONS.items()}
    pred = save(tmp_path / "pred", "pred", actions, prediction())
    assert official_score(gt, pred) == 0
    assert check_submission(pred, read_results(gt, TRUTH)) == [
        f"pred_vid_result.json: video {video}: no video of the truth has the action "
        f"{actions[video]!r} (is {action!r} meant?)"
        for video, action in ACTIONS.items()
    ]


def test_misspelt_states_are_named(tmp_path: Path) -> None:
    gt = save(tmp_path / "gt", "gt", ACTIONS, truth())
    frames = prediction()
    frames["b"][FRAMES[1]]["humans"][0]["parts"]["head"]["verb"] = ["Look up"]
    pred = save(tmp_path / "pred", "pred", ACTIONS, frames)
    assert check_submission(pred, read_results(gt, TRUTH)) == [
        f"pred_part_result.json: video b, frame {FRAMES[1]}, human 1, part head: "
        "the state 'Look up'; is 'look_up' meant?"
    ]
