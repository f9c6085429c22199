import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from partparse import tables
from partparse.challenge.submission import ZIP_NAME, write_submission
from partparse.challenge.writer import write_results
from partparse.cli import main
from partparse.metric.rows import evaluate_tables
from tests.samples.scenes import STRIDE, Scene, make_scene, within_lengths
from tests.samples.tiny import FRAMES, write_data_set


@pytest.fixture
def scene() -> Scene:
    return make_scene(5)


@pytest.fixture
def gt(scene: Scene, tmp_path: Path) -> Path:
    reach = pd.DataFrame({"video": scene.truth["video"], "frames": 3 * STRIDE})
    write_results(tmp_path / "gt", "gt", scene.truth, scene.annotations, reach, stride=STRIDE)
    return tmp_path / "gt"


@pytest.fixture
def pred(scene: Scene, tmp_path: Path) -> Path:
    folder = tmp_path / "pred"
    write_submission(folder, within_lengths(scene), scene.actions, scene.lengths, stride=STRIDE)
    return folder


def test_evaluate(
    scene: Scene, gt: Path, pred: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = evaluate_tables(*scene.all(), stride=STRIDE)
    table = tmp_path / "videos.csv"
    for path in (pred, pred / ZIP_NAME):
        assert main(["evaluate", str(gt), str(path), "--per-video", str(table)]) == 0
        assert capsys.readouterr().out == f"score: {expected.score:.6f}\n"
    pd.testing.assert_frame_equal(pd.read_csv(table), expected.videos, check_dtype=False)


def test_evaluate_says_what_cannot_be_scored(
    gt: Path, pred: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pred / "pred_vid_result.json").write_text("{}")
    assert main(["evaluate", str(gt), str(pred)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "error: pred_vid_result.json: no video 'video_0'; expected every video of the truth\n"
    )


def test_check_submission(gt: Path, pred: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-submission", str(pred)]) == 0
    assert capsys.readouterr().out == f"{pred}: can be scored\n"
    path = pred / "pred_part_result.json"
    frames = json.loads(path.read_text())
    del frames["video_1"]
    path.write_text(json.dumps(frames))
    assert main(["check-submission", str(pred), "--gt", str(gt)]) == 1
    assert "no video video_1; expected every video\n" in capsys.readouterr().out


def test_check_dataset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_data_set(tmp_path / "data")
    assert main(["check-dataset", str(root)]) == 0
    assert capsys.readouterr().out == f"{root}: no faults\n"
    (root / "list/part_stat.txt").write_text("bend\n")
    assert main(["check-dataset", str(root)]) == 1
    said = capsys.readouterr()
    first = f"{root}/train_annotations/jump/j1/img_00001.json: human 1, head"
    expected = "expected one of the 1 names in list/part_stat.txt"
    assert said.out == f"40 × unknown state 'none', first in {first}; {expected}\n"
    assert said.err == "40 faults of one kind; --all lists each\n"
    assert main(["check-dataset", str(root), "--all"]) == 1
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == f"{first}: unknown state 'none'; {expected}"
    assert (len(said.out.splitlines()), said.err) == (40, "40 faults\n")


def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    """`partparse check-dataset ROOT | head -0` ends without a word."""
    root = write_data_set(tmp_path / "data")
    (root / "list/part_stat.txt").write_text("bend\n")
    command = [sys.executable, "-m", "partparse.cli", "check-dataset", str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait() == 1
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_make_gt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root, out = write_data_set(tmp_path / "data"), tmp_path / "gt"
    assert main(["make-gt", str(root), str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: ground truth of 1 videos\n"
    assert json.loads((out / "gt_vid_result.json").read_text()) == {"t1": "jump"}
    frames = json.loads((out / "gt_part_result.json").read_text())["t1"]
    assert list(frames) == ["img_00001.json", "img_00006.json"]
    head = {"name": "head", "number": 1, "box": [12, 10, 20, 18], "verb": "none"}
    human = {"number": 1, "box": [10, 8, 30, 40], "parts": {"head": head}}
    assert frames["img_00006.json"] == {"humans": [human]}
    assert main(["make-gt", str(root), str(out), "--split", "train", "--stride", "1"]) == 0
    videos = json.loads((out / "gt_part_result.json").read_text())
    assert {name: len(found) for name, found in videos.items()} == dict.fromkeys(
        ["j1", "j2", "r1", "r2"], FRAMES
    )


def test_make_gt_needs_annotations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_data_set(tmp_path / "data")
    (root / "test_annotations").rename(root / "kept_elsewhere")
    assert main(["make-gt", str(root), str(tmp_path / "gt")]) == 1
    assert "no test video with a known action and annotated persons" in capsys.readouterr().err
    assert not (tmp_path / "gt").exists()


@pytest.mark.parametrize(
    "arguments",
    [[], ["evaluate"], ["unheard-of"], ["check-submission", "x", "--stride", "0"]],
)
def test_wrong_use(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: partparse" in capsys.readouterr().err.lower()


def test_wrong_words_are_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, meant in (
        (["evalute"], '"evaluate"?'),
        (["check-submission", "x", "--strid", "5"], "--stride?"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("error: ")
        assert f"Did you mean {meant}" in line


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{importlib.metadata.version('partparse')}\n"


def test_help_loads_nothing_heavy(repository: Path) -> None:
    program = (
        "import sys, partparse.cli as c; c.main(['--help']); "
        "assert not {'pandas', 'numpy', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=repository, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "partparse.cli", "check-submission", "/nowhere"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "/nowhere: no such folder or zip\n")


@pytest.mark.parametrize("script", ["score_parses.py", "score_oracles.py"])
def test_a_split_without_truth_is_not_scored(
    scene: Scene, tmp_path: Path, repository: Path, script: str
) -> None:
    actions = scene.actions.assign(p_run=1.0)[["video", "p_run"]]
    frames = scene.lengths.assign(
        expected=None, width=64, height=64, fps=10.0, problem=None, source="1"
    )
    arguments: list[str] = []
    for name, table, schema in (
        ("parses", scene.parses, tables.PARSES),
        ("actions", actions, tables.ACTIONS),
        ("truth", tables.empty(tables.TRUTH), tables.TRUTH),
        ("annotations", tables.empty(tables.ANNOTATIONS), tables.ANNOTATIONS),
        ("frames", frames, tables.FRAMES),
    ):
        path = tmp_path / f"{name}.parquet"
        tables.write(table, path, schema)
        arguments += [f"--{name}", str(path)]
    arguments += ["--method", "group", "--split", "test", "--stride", "5"]
    if script == "score_parses.py":
        arguments += ["--videos-out", "out.csv"]
        arguments += ["--parts-out", "parts.csv", "--actions-out", "actions.csv"]
    else:
        arguments += ["--out", "out.csv"]
    ended = subprocess.run(
        [sys.executable, str(repository / "scripts" / script), *arguments],
        cwd=tmp_path,
        env={"PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: test: no video with a known action and annotated")
    assert not list(tmp_path.glob("*.csv"))


def test_scripts_from_tables_to_scores(scene: Scene, tmp_path: Path, repository: Path) -> None:
    actions = pd.get_dummies(scene.actions.set_index("video")["action"], dtype=float)
    actions = actions.add_prefix(tables.PROBABILITY).reset_index()
    frames = scene.lengths.assign(
        expected=None, width=64, height=64, fps=10.0, problem=None, source="1"
    )
    paths = {}
    for name, table, schema in (
        ("parses", within_lengths(scene), tables.PARSES),
        ("actions", actions, tables.ACTIONS),
        ("truth", scene.truth, tables.TRUTH),
        ("annotations", scene.annotations, tables.ANNOTATIONS),
        ("frames", frames, tables.FRAMES),
    ):
        paths[name] = tmp_path / f"{name}.parquet"
        tables.write(table, paths[name], schema)

    def script(name: str, inputs: list[str], *more: str) -> None:
        given = [text for kind in inputs for text in (f"--{kind}", str(paths[kind]))]
        program = [sys.executable, str(repository / "scripts" / name), *given, "--stride", "5"]
        subprocess.run(
            [*program, *more], cwd=tmp_path, env={"PYTHONPATH": str(repository)}, check=True
        )

    named = ("--method", "group", "--split", "val")
    outputs = (
        "--videos-out",
        "videos.csv",
        "--parts-out",
        "parts.csv",
        "--actions-out",
        "cells.csv",
    )
    script("score_parses.py", list(paths), *named, *outputs)
    script("score_oracles.py", list(paths), *named, "--out", "oracles.csv")
    written = ["--parts-out", "entry/pred_part_result.json"]
    written += ["--actions-out", "entry/pred_vid_result.json", "--zip-out", f"entry/{ZIP_NAME}"]
    script("write_submission.py", ["parses", "actions", "frames"], *written)

    expected = evaluate_tables(*scene.all(), stride=STRIDE)
    videos = pd.read_csv(tmp_path / "videos.csv")
    assert list(videos) == [
        *("method", "split", "video", "action", "predicted", "psc", "correct", "value")
    ]
    assert videos["value"].mean() == pytest.approx(expected.score)
    assert ((videos["action"] == videos["predicted"]) == videos["correct"]).all()
    parts = pd.read_csv(tmp_path / "parts.csv").set_index("part")
    assert parts.loc["all", ["method", "split"]].tolist() == ["group", "val"]
    assert parts["truth_parts"].sum() == 2 * parts.loc["all", "truth_parts"]
    cells = pd.read_csv(tmp_path / "cells.csv")
    assert cells["truth_parts"].sum() == parts.loc["all", "truth_parts"]
    oracles = pd.read_csv(tmp_path / "oracles.csv").set_index("row")
    assert oracles.loc["ours", "score"] == pytest.approx(expected.score)
    assert main(["check-submission", str(tmp_path / "entry" / ZIP_NAME)]) == 0
