import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.submission.plain_writing import collect
from partparse import tables
from partparse.challenge import format as challenge
from partparse.challenge import writer as challenge_writer
from partparse.challenge.submission import (
    LISTED_FAULTS,
    ZIP_NAME,
    check_submission,
    expected_results,
    limit_persons,
    submitted_lengths,
    write_submission,
)
from partparse.errors import InputError
from partparse.vocabulary import PERSON
from tests.samples.scenes import STRIDE, make_scene, within_lengths

PARTS_FILE = "pred_part_result.json"
ACTIONS_FILE = "pred_vid_result.json"
BOX = [10.0, 20.0, 30.0, 40.0]


def parses_of(*rows: tuple) -> pd.DataFrame:
    """Rows of (frame, person, part, box, score, state) of the video `v`."""
    columns = ["frame", "person", "part", *tables.BOX, "score", "state"]
    table = pd.DataFrame([(f, p, n, *box, score, state) for f, p, n, box, score, state in rows])
    table = table.set_axis(columns, axis=1).assign(video="v", state_probability=1.0)
    return tables.PARSES.validate(table)


def one_person() -> pd.DataFrame:
    return parses_of(
        (1, 1, PERSON, [10.04, 20.06, 30, 40], 0.9, None), (1, 1, "head", BOX, 0.5, "bend")
    )


def for_video(frames: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Action and length of the video `v`."""
    action = pd.DataFrame({"video": ["v"], "action": ["run"]})
    return action, pd.DataFrame({"video": ["v"], "frames": [frames]})


def test_written_files_hold_every_scored_frame(tmp_path: Path) -> None:
    write_submission(tmp_path, one_person(), *for_video(11), stride=STRIDE)
    assert json.loads((tmp_path / ACTIONS_FILE).read_text()) == {"v": "run"}
    head = {"name": "head", "number": 1, "box": [BOX], "verb": ["bend"]}
    human = {"number": 1, "box": [10.0, 20.1, 30.0, 40.0], "parts": {"head": head}}
    assert json.loads((tmp_path / PARTS_FILE).read_text()) == {
        "v": {
            "img_00001.json": {"humans": [human]},
            "img_00006.json": {"humans": []},
            "img_00011.json": {"humans": []},
        }
    }
    assert check_submission(tmp_path) == []


@pytest.mark.parametrize("seed", range(8))
def test_the_text_is_what_json_makes_of_dicts(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(challenge_writer, "AT_ONCE", 2)
    scene = make_scene(seed)
    parses = limit_persons(within_lengths(scene)).sort_values(tables.PARSES.unique)
    write_submission(tmp_path, parses.sample(frac=1), scene.actions, scene.lengths)
    written = (tmp_path / PARTS_FILE).read_text()
    expected = json.dumps(collect(scene.lengths.sort_values("video"), parses))
    assert written.replace(",\n", ", ").replace("\n", "") == expected


def test_negative_zero_and_names_are_written_as_json_writes_them(tmp_path: Path) -> None:
    parses = one_person().assign(video='a "video"', x1=[-0.01, 0.01])
    parses["state"] = [None, 'a "state"\u00e9']
    action, length = (table.assign(video='a "video"') for table in for_video(1))
    write_submission(tmp_path, parses, action, length)
    expected = json.dumps(collect(length, parses))
    assert (tmp_path / PARTS_FILE).read_text().replace("\n", "") == expected
    assert "[-0.0, " in expected
    assert "[0.0, " in expected


def test_zip_holds_the_same_bytes_each_time(tmp_path: Path) -> None:
    scene = make_scene(3)
    parses = within_lengths(scene)
    write_submission(tmp_path / "a", parses, scene.actions, scene.lengths)
    shuffled = parses.sample(frac=1, random_state=1)
    write_submission(tmp_path / "b", shuffled, scene.actions[::-1], scene.lengths[::-1])
    archives = [tmp_path / name / ZIP_NAME for name in "ab"]
    assert archives[0].read_bytes() == archives[1].read_bytes()
    with zipfile.ZipFile(archives[0]) as archive:
        assert sorted(archive.namelist()) == [PARTS_FILE, ACTIONS_FILE]
        assert archive.read(PARTS_FILE) == (tmp_path / "a" / PARTS_FILE).read_bytes()
    folder, zipped = (
        challenge.read_results(path, challenge.PREDICTION) for path in (tmp_path / "a", archives[0])
    )
    assert folder == zipped
    assert check_submission(archives[0]) == []


def test_ten_persons_of_highest_score_are_kept() -> None:
    scores = np.linspace(0.1, 0.9, 12)
    rows = [(1, n, PERSON, BOX, s, None) for n, s in enumerate(scores, start=1)]
    parses = parses_of(*rows, *((1, n, "head", BOX, 1, "bend") for n in (1, 2, 3)))
    kept = limit_persons(parses)
    assert sorted(kept.loc[kept["part"] == PERSON, "person"]) == list(range(3, 13))
    assert kept.loc[kept["part"] == "head", "person"].tolist() == [3]


def test_lengths_follow_what_the_data_set_says() -> None:
    frames = pd.DataFrame({"video": list("abcd"), "frames": [7, 30, 0, 0]})
    frames["expected"] = pd.array([20, 20, None, 9], dtype="Int32")
    assert submitted_lengths(frames)["frames"].tolist() == [20, 30, 1, 9]


def test_video_that_does_not_decode_is_present(tmp_path: Path) -> None:
    write_submission(tmp_path, tables.empty(tables.PARSES), *for_video(1))
    written = json.loads((tmp_path / PARTS_FILE).read_text())
    assert written == {"v": {"img_00001.json": {"humans": []}}}


def test_empty_submission_is_json(tmp_path: Path) -> None:
    action, length = for_video(1)
    write_submission(tmp_path, tables.empty(tables.PARSES), action[:0], length[:0])
    assert json.loads((tmp_path / PARTS_FILE).read_text()) == {}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"frame": 2}, "frame 2, person 1, part person: expected a video and frame"),
        ({"frame": 16}, "frame 16, person 1, part person: expected a video and frame"),
        ({"video": "w"}, "video w, frame 1, person 1, part person: expected a video and frame"),
        ({"x1": -np.inf}, "expected a finite box"),
        ({"part": "head", "state": "bend"}, "expected a row of its person"),
        ({"part": "head", "state": None}, "part head: expected a state"),
    ],
)
def test_parses_that_cannot_be_submitted(
    change: dict[str, Any], message: str, tmp_path: Path
) -> None:
    parses = one_person()[:1].assign(**change)
    with pytest.raises(InputError, match=message):
        write_submission(tmp_path, parses, *for_video(11))
    assert list(tmp_path.iterdir()) == []


def test_video_without_an_action_cannot_be_submitted(tmp_path: Path) -> None:
    action, length = for_video(1)
    with pytest.raises(InputError, match="predicted actions: no video 'v'"):
        write_submission(tmp_path, one_person(), action[:0], length)


def good() -> tuple[dict[str, Any], dict[str, Any]]:
    part = {"name": "head", "number": 1, "box": [BOX], "verb": ["bend"]}
    human = {"number": 1, "box": BOX, "parts": {"head": part}}
    frames = {f"img_{n:05d}.json": {"humans": [dict(human, parts={"head": part})]} for n in (1, 6)}
    return {"v": "run"}, json.loads(json.dumps({"v": frames}))


def save(folder: Path, actions: Any, frames: Any, kind: str = "pred") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{kind}_vid_result.json").write_text(json.dumps(actions))
    (folder / f"{kind}_part_result.json").write_text(json.dumps(frames))
    return folder


FRAME = "pred_part_result.json: video v, frame img_00006.json"
HUMAN = f"{FRAME}, human 1"
HEAD = f"{HUMAN}, part head"


def _head(**changes: Any) -> Callable[[dict, dict], Any]:
    return lambda frame, _: frame["humans"][0]["parts"]["head"].update(changes)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            lambda frame, _: frame["humans"].extend(frame["humans"] * 10),
            f"{FRAME}: 11 humans; expected at most 10",
        ),
        (
            _head(verb="bend"),
            f"{HEAD}: 'verb' is the string 'bend', which would be counted by letters; "
            "expected a list of at most 5 states",
        ),
        (_head(verb=["bend"] * 6, box=[BOX] * 6), f"{HEAD}: 6 states; expected at most 5"),
        (_head(verb=[None]), f"{HEAD}: 'verb' is [None]; expected a list of states"),
        (_head(verb=7), f"{HEAD}: 'verb' is 7; expected a list of states"),
        (
            _head(box=BOX),
            f"{HEAD}: 'box' is {BOX}; expected a list of boxes, [[x1, y1, x2, y2]]",
        ),
        (
            _head(box=[BOX, BOX]),
            f"{HEAD}: 2 boxes and 1 states; expected as many of both",
        ),
        (
            _head(box=[[1, 2, 3]]),
            f"{HEAD}: the box [1, 2, 3]; expected four numbers [x1, y1, x2, y2]",
        ),
        (
            _head(box=[[1, 2, 3, float("nan")]]),
            f"{HEAD}: the box [1, 2, 3, nan]; expected finite numbers",
        ),
        (
            lambda frame, _: frame["humans"][0].update(box=[1, 2, float("inf"), 4]),
            f"{HUMAN}: the box [1, 2, inf, 4]; expected finite numbers",
        ),
        (
            lambda frame, _: frame["humans"][0].update(box=[9, 2, 3, 4]),
            f"{HUMAN}: the box [9, 2, 3, 4]; expected x2 >= x1 and y2 >= y1",
        ),
        (
            lambda frame, _: frame["humans"][0].pop("box"),
            f"{HUMAN}: no 'box'; expected [x1, y1, x2, y2]",
        ),
        (
            lambda frame, _: frame["humans"][0].pop("parts"),
            f"{HUMAN}: expected an object 'parts', which may be empty",
        ),
        (
            lambda frame, _: frame["humans"][0]["parts"]["head"].pop("box"),
            f"{HEAD}: expected an object with 'box' and 'verb'",
        ),
        (
            lambda frame, _: frame["humans"].insert(0, 3),
            f"{HUMAN}: expected an object with 'box' and 'parts'",
        ),
        (
            lambda frame, _: frame.pop("humans"),
            f"{FRAME}: expected an object with a list 'humans'",
        ),
        (
            lambda frame, _: frame["humans"][0]["parts"].update(
                tail=frame["humans"][0]["parts"]["head"]
            ),
            f"{HUMAN}, part tail: unknown part; expected one of head, left_arm, right_arm, "
            "left_hand, right_hand, left_leg, right_leg, left_foot, right_foot, hip",
        ),
        (
            lambda _, frames: frames["v"].pop("img_00001.json"),
            "pred_part_result.json: video v: no frame img_00001.json; "
            "expected every scored frame, humans or not",
        ),
        (
            lambda _, frames: frames["v"].clear(),
            "pred_part_result.json: video v: no frame img_00001.json; "
            "expected every scored frame, humans or not",
        ),
        (
            lambda frame, frames: frames["v"].update({"frame_7": frame}),
            "pred_part_result.json: video v: the frame name 'frame_7'; "
            "expected img_00001.json and so on",
        ),
        (
            lambda _, frames: frames.update(v=[]),
            "pred_part_result.json: video v: expected an object with a key for each frame",
        ),
        (
            lambda _, frames: frames.pop("v"),
            "pred_part_result.json: no video v; expected every video",
        ),
        (
            lambda _, frames: frames.update(w={"img_00001.json": {"humans": []}}),
            "pred_vid_result.json: no video w; expected every video",
        ),
    ],
)
def test_faults_are_named(change: Callable, fault: str, tmp_path: Path) -> None:
    actions, frames = good()
    change(frames["v"]["img_00006.json"], frames)
    assert check_submission(save(tmp_path, actions, frames)) == [fault]


def test_actions_are_names(tmp_path: Path) -> None:
    _, frames = good()
    assert check_submission(save(tmp_path, {"v": 3}, frames)) == [
        "pred_vid_result.json: video v: 3; expected the name of an action"
    ]


def test_with_the_truth_its_videos_and_frames_are_required(tmp_path: Path) -> None:
    actions, frames = good()
    pred = save(tmp_path / "pred", actions, frames)
    more = {"v": frames["v"] | {"img_00011.json": {"humans": []}}, "w": {}}
    gt = save(tmp_path / "gt", actions | {"w": "run"}, more, "gt")
    assert check_submission(pred) == []
    assert check_submission(pred, challenge.read_results(gt, challenge.TRUTH)) == [
        "pred_vid_result.json: no video w; expected every video",
        "pred_part_result.json: no video w; expected every video",
        "pred_part_result.json: video v: no frame img_00011.json; "
        "expected every scored frame, humans or not",
    ]


def test_another_stride(tmp_path: Path) -> None:
    write_submission(tmp_path, one_person(), *for_video(7), stride=2)
    assert check_submission(tmp_path, stride=2) == []
    assert len(check_submission(tmp_path, stride=1)) == 3


def test_a_fault_everywhere_is_cut_short(tmp_path: Path) -> None:
    actions, frames = good()
    frames["v"]["img_00001.json"]["humans"] = [{}] * 300
    faults = check_submission(save(tmp_path, actions, frames))
    assert len(faults) == LISTED_FAULTS + 1
    assert faults[-1] == f"{tmp_path}: 401 more faults"


def test_what_the_data_set_holds_must_be_there(tmp_path: Path) -> None:
    lengths = pd.DataFrame({"video": ["v", "w"], "frames": [12, 1]})
    expected = expected_results(lengths, stride=5)
    entry: dict[str, Any] = {"humans": []}
    frames: dict[str, Any] = {"v": {"img_00001.json": entry, "img_00006.json": entry}}
    faults = check_submission(save(tmp_path, {"v": "run"}, frames), expected)
    assert sorted(faults) == [
        f"{PARTS_FILE}: no video w; expected every video",
        f"{PARTS_FILE}: video v: no frame img_00011.json; expected every scored frame, "
        "humans or not",
        f"{ACTIONS_FILE}: no video w; expected every video",
    ]


def test_missing_and_broken_files(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert check_submission(nowhere) == [f"{nowhere}: no such folder or zip"]
    folder = save(tmp_path / "pred", *good())
    path = folder / PARTS_FILE
    text = path.read_text()
    path.write_text(text[: len(text) // 2])
    (fault,) = check_submission(folder)
    assert fault.startswith(f"{path}: not valid JSON at line 1, column ")
    path.write_text("[" * 100_000)
    (fault,) = check_submission(folder)
    assert fault.startswith(f"{path}: not valid JSON")
    path.write_text("[]")
    assert check_submission(folder) == [f"{path}: expected an object with a key for each video"]
    path.unlink()
    assert check_submission(folder) == [f"{path}: no such file"]


def test_broken_zips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "entry.zip"
    path.write_bytes(b"not a zip")
    (fault,) = check_submission(path)
    assert fault.startswith(f"{path}: not a readable zip")
    folder = save(tmp_path / "pred", *good())
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(folder / ACTIONS_FILE, ACTIONS_FILE)
        archive.write(folder / PARTS_FILE, f"inside/{PARTS_FILE}")
    assert check_submission(path) == [
        f"{path}: expected {PARTS_FILE} at the top of the zip, not 'inside/{PARTS_FILE}'"
    ]
    with zipfile.ZipFile(path, "a") as archive:
        archive.write(folder / PARTS_FILE, PARTS_FILE)
    assert check_submission(path) == []
    data = bytearray(path.read_bytes())
    data[data.index(b'"run"') + 1] ^= 1
    path.write_bytes(bytes(data))
    (fault,) = check_submission(path)
    assert fault.startswith(f"{path}: not a readable zip: Bad CRC-32")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(ACTIONS_FILE, json.dumps({f"v{n}": "run" for n in range(999)}))
    path.write_bytes(path.read_bytes()[:60] + b"\xff" * 40 + path.read_bytes()[100:])
    (fault,) = check_submission(path)
    assert fault.startswith(f"{path}: not a readable zip: Error -3 while decompressing")
    monkeypatch.setattr(challenge, "MAX_BYTES", 5)
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(folder / ACTIONS_FILE, ACTIONS_FILE)
    assert check_submission(path) == [f"{path}/{ACTIONS_FILE}: expected at most 5 bytes, got 12"]
