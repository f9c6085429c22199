"""`partparse parse`: a finished run applied to videos, and what keeps it from harm."""

import errno
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import pandas as pd
import pytest
import yaml

from partparse import Parser, tables
from partparse.cli import main
from partparse.errors import InputError
from partparse.files.atomic import read_json
from partparse.files.weights import digest
from partparse.inference import parse_folder
from partparse.inference.annotated_video import write_video
from partparse.inference.plan import plan_steps
from partparse.inference.records import read_head
from partparse.inference.run_folder import Run, fitted_files, open_run
from partparse.inference.writing import SUFFIXES
from partparse.vocabulary import KEYPOINTS, PERSON
from tests.samples.odd_videos import write_frames
from tests.samples.tiny_runs import BROKEN, jobs, snakemake

STRANGE = "a clip, été (2)"
STAMPS = [0, 40, 90, 300, 333, 401, 433, 800, 1000, 1041, 1507]
"""Milliseconds at which its frames are shown: its rate varies."""


def listing(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """What changes when anything below a folder does."""
    found = {}
    for path in sorted(folder.rglob("*")):
        state = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (state.st_mtime_ns, state.st_ino, content)
    return found


def call(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "partparse.cli", "parse", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_for(folder: Path, pattern: str, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 300
    assert process.stdout is not None
    while not list(folder.glob(pattern)):
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture(scope="module")
def videos(tiny_data, tmp_path_factory):
    """Two videos that decode, one of an odd name and a varying rate, and one that does not."""
    whole = sorted((tiny_data / "test_videos" / "lunge").iterdir())
    strange = tmp_path_factory.mktemp("videos") / f"{STRANGE}.MOV"
    with av.open(str(next((tiny_data / "test_videos" / "juggling_balls").iterdir()))) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    write_frames(strange, pictures, stamps=STAMPS)
    return [whole[0], tiny_data / BROKEN["no frame decodes"], strange]


@pytest.fixture(scope="module")
def parsed(tiny_run, videos, tmp_path_factory):
    """The parses, what was said, and the run before and after; the first call was interrupted."""
    out = tmp_path_factory.mktemp("parsed") / "out"
    before = listing(tiny_run)
    arguments = [*videos, "--run", tiny_run / "results", "--out", out, "--device", "cpu"]
    arguments += ["--jobs", 2]
    process = call(*arguments)
    wait_for(out / parse_folder.WORK, "*/0000001/results/persons/detected/*.parquet", process)
    process.send_signal(signal.SIGTERM)
    interrupted = process.communicate(timeout=120)[0]
    assert process.returncode == 130, interrupted
    kept = list((out / parse_folder.WORK).glob("*/0000001/results/persons/detected/*.parquet"))
    times = [path.stat().st_mtime_ns for path in kept]
    process = call(*arguments, "--all")
    said = process.communicate(timeout=600)[0]
    return {
        "out": out,
        "said": said,
        "status": process.returncode,
        "interrupted": interrupted,
        "kept": times,
        "run": (before, listing(tiny_run)),
    }


@pytest.fixture(scope="module")
def out(parsed):
    assert parsed["status"] == 1, parsed["said"]  # for the video that does not decode
    return parsed["out"]


@pytest.mark.workflow
def test_each_video_that_decodes_has_its_files(out, parsed, videos):
    names = sorted(f"{name}{suffix}" for name in (videos[0].stem, STRANGE) for suffix in SUFFIXES)
    assert sorted(path.name for path in out.iterdir() if path.name[0] != ".") == names
    errors = [line for line in parsed["said"].splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert str(videos[1]) in errors[0]
    assert f"{out / videos[0].stem}.json: " in parsed["said"]
    assert not (out / parse_folder.WORK).exists()


@pytest.mark.workflow
def test_an_interrupted_call_keeps_what_is_done(parsed):
    assert "the same command goes on" in parsed["interrupted"]
    assert "Traceback" not in parsed["interrupted"] + parsed["said"]
    assert parsed["kept"]


@pytest.mark.workflow
def test_nothing_in_the_run_changes(out, parsed):
    before, after = parsed["run"]
    assert before == after


def state_of(part: dict[str, Any]) -> tuple[str, float]:
    return part["state"], part["state_probability"]


@pytest.mark.workflow
def test_the_record_says_what_the_table_says(out, tiny_run, videos):
    for name, times in ((videos[0].stem, [0.0, 0.5, 1.0]), (STRANGE, [0.0, 0.401, 1.507])):
        record = read_json(out / f"{name}.json")
        table = tables.read(out / f"{name}.parquet", tables.PARSED)
        assert record["video"] == name
        assert (record["width"], record["height"], record["length"]) == (160, 120, 11)
        assert record["method"] == "decide"
        assert [frame["frame"] for frame in record["frames"]] == [1, 6, 11]
        assert [frame["seconds"] for frame in record["frames"]] == pytest.approx(times, abs=1e-4)
        rows = []
        for frame in record["frames"]:
            for person in frame["persons"]:
                of = (name, frame["frame"], person["person"])
                known = (person["track"] or -1, frame["seconds"])
                rows.append((*of, PERSON, *person["box"], person["score"], None, None, *known))
                rows += [
                    (*of, part, *found["box"], found["score"], *state_of(found), *known)
                    for part, found in person["parts"].items()
                ]
                assert person["keypoints"] is None or list(person["keypoints"]) == list(KEYPOINTS)
        assert any(p["keypoints"] for frame in record["frames"] for p in frame["persons"])
        said = tables.PARSED.validate(pd.DataFrame(rows, columns=list(tables.PARSED.columns)))
        key = ["frame", "person", "part"]
        said, table = (t.sort_values(key).reset_index(drop=True) for t in (said, table))
        pd.testing.assert_frame_equal(said, table, rtol=0, atol=0.00501, check_like=True)
        assert set(table["video"]) == {name}
        top = record["action"]["top"]
        assert len(top) == 5
        assert record["action"]["name"] in {entry["name"] for entry in top}
        assert [entry["probability"] for entry in top] == sorted(
            (entry["probability"] for entry in top), reverse=True
        )
        run = json.loads((tiny_run / "results/run.json").read_text())
        assert record["run"]["data_set"] == run["data_set"]["fingerprint"]


@pytest.mark.workflow
def test_times_are_those_of_a_file_of_varying_rate(out):
    times = np.array(STAMPS) / 1000
    table = tables.read(out / f"{STRANGE}.parquet", tables.PARSED)
    assert set(table["frame"]) == {1, 6, 11}
    assert table["seconds"].to_numpy() == pytest.approx(times[table["frame"] - 1], abs=1e-4)
    with av.open(str(out / f"{STRANGE}.mp4")) as container:
        shown = [frame.time for frame in container.decode(video=0)]
    assert shown == pytest.approx(times, abs=1e-3)


@pytest.mark.workflow
def test_the_video_shows_all_frames(out, videos):
    for name in (videos[0].stem, STRANGE):
        with av.open(str(out / f"{name}.mp4")) as container:
            (stream,) = container.streams.video
            pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
            assert stream.codec_context.name == "h264"
            assert stream.codec_context.pix_fmt == "yuv420p"
        assert len(pictures) == 11
        height, width = pictures[0].shape[:2]
        assert height % 2 == width % 2 == 0
        assert height > 480


@pytest.mark.workflow
def test_a_second_call_does_nothing_and_a_third_only_what_is_new(
    out, tiny_run, tiny_data, videos, monkeypatch, capsys
):
    asked = []

    class Instead:
        def __init__(self, *_, **options):
            pass

        def parse(self, video, **_):
            asked.append(video.name)
            raise InputError(f"{video}: not parsed")

    monkeypatch.setattr(parse_folder, "Parser", Instead)
    arguments = ["--run", str(tiny_run / "results"), "--out", str(out), "--all"]
    before = {path: path.stat().st_mtime_ns for path in out.iterdir() if path.suffix in SUFFIXES}
    assert main(["parse", str(videos[0]), str(videos[2]), *arguments]) == 0
    assert not asked
    more = min((tiny_data / "test_videos" / "deadlifting").iterdir())
    assert main(["parse", *map(str, [*videos, more]), *arguments]) == 1
    assert asked == [more.name]
    assert f"{more}: not parsed" in capsys.readouterr().err
    # of other frames, or other persons, it is another parse
    assert main(["parse", str(videos[0]), *arguments, "--every", "1"]) == 1
    assert main(["parse", str(videos[0]), *arguments[:-1]]) == 1
    assert asked[1:] == [videos[0].name] * 2
    after = {path: path.stat().st_mtime_ns for path in out.iterdir() if path.suffix in SUFFIXES}
    assert after == before


@pytest.mark.workflow
def test_the_workflow_and_the_parser_say_the_same(repository, tiny_run, tiny_overlay, tiny_data):
    """To the last bit, of every test video that decodes."""
    made = snakemake(repository, tiny_run, "--configfile", str(tiny_overlay), "--", "parse_videos")
    assert made.returncode == 0, made.stdout + made.stderr
    assert re.search(r"video push_up_test_000 is not parsed: .*: no frame decodes", made.stderr)
    parser = Parser(tiny_run / "results", device="cpu")
    documents = sorted((tiny_run / "results/parsed").glob("*/*.json"))
    assert len(documents) > 5
    for path in documents:
        (video,) = (tiny_data / "test_videos").glob(f"*/{path.stem}.*")
        found = parser.parse(video)
        score = read_head(path)["score"]
        table = tables.read(path.with_suffix(".parquet"), tables.PARSED)
        persons = found.persons[found.persons["score"] >= score]
        own = found.parses.merge(persons[tables.PERSON_KEY], on=tables.PERSON_KEY)
        own = own.sort_values(tables.PART_KEY, ignore_index=True)
        pd.testing.assert_frame_equal(own, table, check_exact=True)
        assert read_head(path)["action"]["name"] == found.action


@pytest.mark.workflow
def test_a_parse_that_was_corrected_is_trained_on(
    out, repository, tiny_data, tiny_overlay, videos, tmp_path
):
    """The end of docs/own-data.md; its other commands are walked in tests/commands/test_loop.py."""
    assert main(["export", "cvat", str(out / f"{STRANGE}.json"), "--out", str(tmp_path)]) == 0
    task = tmp_path / f"{STRANGE}.xml"
    task.write_text(re.sub(r'(name="state">)[^<?]+', r"\1bend", task.read_text()))
    root = Path(shutil.copytree(tiny_data, tmp_path / "set"))
    new = ["--root", str(root), "--videos", str(videos[2]), "--action", "juggling_balls"]
    assert main(["import", "cvat", str(task), *new]) == 0
    folder = root / "train_annotations/juggling_balls" / STRANGE
    frames = [read_json(path)["humans"] for path in sorted(folder.iterdir())]
    assert [path.name for path in sorted(folder.iterdir())] == [
        f"img_{number:05d}.json" for number in (1, 6, 11)
    ]
    record = read_json(out / f"{STRANGE}.json")
    assert [len(humans) for humans in frames] == [len(f["persons"]) for f in record["frames"]]
    parts = [part for humans in frames for human in humans for part in human["parts"].values()]
    assert all(part["verb"] == "bend" for part in parts)
    config = yaml.safe_load(tiny_overlay.read_text())
    config["dataset"]["root"] = str(root)
    (tmp_path / "my.yaml").write_text(yaml.safe_dump(config))
    planned = snakemake(repository, tmp_path, "-n", "--configfile", str(tmp_path / "my.yaml"))
    assert jobs(planned)["train_persons"] == 1


@pytest.mark.workflow
def test_nothing_can_be_fitted(tiny_run, tmp_path):
    """With a model gone, it is said and no training is planned."""
    run = open_run(tiny_run / "results")
    steps = [step.program.stem for step in plan_steps(run, 5)]
    assert steps[-1] == "write_parsed"
    assert not [name for name in steps if name.startswith(("train", "fit", "rank", "record"))]
    for path in fitted_files(run.results):
        if not path.is_relative_to("parts/dots/model"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).symlink_to(run.results / path)
    with pytest.raises(InputError, match="results/parts/dots/model"):
        plan_steps(Run(tmp_path, run.config, ""), 5)


@pytest.mark.workflow
def test_what_a_run_of_all_methods_has_fitted_is_all_that_it_takes(repository, tmp_path):
    """Whatever a rule without shards makes is there; the rest of the plan is rules of shards."""
    config = ["--configfile", str(repository / "configs/demo_full.yaml")]
    planned = snakemake(repository, tmp_path, "-n", *config, "--", "parse_videos").stdout
    outputs = [line.split(":", 1)[1] for line in planned.splitlines() if "  output: " in line]
    results = tmp_path / "run/results"
    for output in {name.strip() for line in outputs for name in line.split(",")}:
        if not any(f"{split}-0" in output for split in tables.SPLITS):
            file = tmp_path / "run" / output / ("file" if output.endswith("model") else "")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"PAR1" * 3)  # what a table starts and ends with
    base = yaml.safe_load((repository / "config.yaml").read_text())
    full = yaml.safe_load((repository / "configs/demo_full.yaml").read_text())
    kept = ("dataset", "frames", "methods", "pose")
    settings = {key: base[key] | full.get(key, {}) for key in kept}
    settings["parts"] = {"variants": full["parts"]["variants"]}
    (results / "run.json").write_text(json.dumps({"config": settings, "submission": {}}))
    steps = [step.program.stem for step in plan_steps(open_run(results), 5)]
    for stage in ("track_persons", "extract_flow", "detect_parts", "predict_onestage"):
        assert stage in steps


@pytest.mark.workflow
@pytest.mark.parametrize(
    ("chosen", "programs"), [("plain", {"detect_parts"}), ("single", {"detect_single"})]
)
def test_of_new_videos_the_chosen_part_detector_alone_is_asked(
    repository, tmp_path, chosen, programs
):
    results = tmp_path / "run/results"
    trained = ("persons", "parts/plain", "parts/single", "actions/csn")
    for file in (*(f"{name}/model/file" for name in trained), "vocabulary.json", "run.json"):
        (results / file).parent.mkdir(parents=True, exist_ok=True)
        (results / file).touch()
    statistics = results / "states/category/statistics.parquet"
    statistics.parent.mkdir(parents=True)
    statistics.write_bytes(b"PAR1" * 3)
    (results / "parts/ranking.csv").write_text(f"fold,variant,rank\nall,{chosen},1\n")
    base = yaml.safe_load((repository / "config.yaml").read_text())
    settings = base | {
        "methods": {"actions": ["csn"], "states": ["category"]},
        "parts": base["parts"] | {"variants": ["plain", "single"]},
        "submission": base["submission"] | {"parses": "category"},
    }
    steps = plan_steps(Run(results, settings, ""), 5)
    found = {step.program.stem for step in steps} & {"detect_parts", "detect_single"}
    assert found == programs
    (choice,) = (step for step in steps if step.program.stem == "choose_parts")
    named = choice.words[choice.words.index("--parts") + 1]
    assert named == f"{chosen}=results/parts/{chosen}/test-000.parquet"


@pytest.mark.parametrize("chosen", ["parser", "detected"])
def test_new_videos_have_persons_in_the_boxes_that_val_chose(repository, tmp_path, chosen):
    results = tmp_path / "run/results"
    trained = ("persons/model", "states/parser/model")
    for file in (*(f"{name}/file" for name in trained), "vocabulary.json", "run.json"):
        (results / file).parent.mkdir(parents=True, exist_ok=True)
        (results / file).touch()
    (results / "persons/ranking.csv").write_text(f"fold,variant,rank\nall,{chosen},1\n")
    base = yaml.safe_load((repository / "config.yaml").read_text())
    # as a run records the folders of others
    folds = {"val_folds": 3, "val_fold": 0, "other_folds": ["results", "results"]}
    settings = base | {
        "dataset": base["dataset"] | folds,
        "methods": {"actions": ["parser"], "states": ["parser"]},
        "parts": base["parts"] | {"variants": ["parser"]},
        "submission": base["submission"] | {"parses": "parser", "refit": []},
    }
    steps = plan_steps(Run(results, settings, ""), 5)
    (choice,) = (step for step in steps if step.program.stem == "choose_persons")
    named = choice.words[choice.words.index("--persons") + 1]
    where = {"parser": "parser/persons", "detected": "persons/detected"}[chosen]
    assert named == f"{chosen}=results/{where}/test-000.parquet"


def test_only_what_is_fitted_is_linked(run):
    for name in ("model/weights.pt", "parts/test-000.parquet", "benchmarks/train.tsv", ".a/b"):
        (run / name).parent.mkdir()
        (run / name).touch()
    found = {str(path) for path in fitted_files(run)}
    assert found == {"model/weights.pt", "run.json", "submission/submission.zip"}


@pytest.fixture
def run(tmp_path):
    """The least that is taken for a finished run."""
    results = tmp_path / "run/results"
    (results / "submission").mkdir(parents=True)
    archive = results / "submission/submission.zip"
    archive.write_bytes(b"zip")
    drawn = {"overlays": {"score": 0.3, "persons": 4}}
    config = {"dataset": {"root": None}, "frames": {"scored_stride": 6}, "report": drawn}
    config["resources"] = {"threads": 1}
    record = {"config": config, "submission": {archive.name: digest(archive)}}
    (results / "run.json").write_text(json.dumps(record))
    return results


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "in/clip.mp4"
    write_video(path, [np.zeros((64, 64, 3), np.uint8)] * 3, np.arange(3) / 5)
    return path


def unfinished(run):
    (run / "run.json").unlink()
    (run / "dataset").mkdir()


def being_made_again(run):
    (run / "submission/submission.zip").write_bytes(b"another")


def test_a_run_of_drawn_persons_says_so_of_other_videos(run, clip, tmp_path, caplog, monkeypatch):
    own = shutil.copytree(clip.parent, run / "demo/test_videos") / clip.name
    assert open_run(run).notes(own) == []
    (note,) = open_run(run).notes(clip)
    assert "configs/filmed.yaml" in note
    said = {"action": {"name": "run", "probability": 1.0}}
    monkeypatch.setattr(parse_folder, "is_done", lambda *_: True)
    monkeypatch.setattr(parse_folder, "read_head", lambda _: said)
    arguments = ["--run", str(run), "--out", str(tmp_path / "out")]
    assert main(["parse", str(clip), *arguments]) == 0
    assert caplog.messages == [f"note: {note}"]
    record = json.loads((run / "run.json").read_text())
    record["config"]["dataset"]["root"] = "my-set"
    (run / "run.json").write_text(json.dumps(record))
    assert open_run(run).notes(clip) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (unfinished, "the run is not finished, there is no run.json"),
        (being_made_again, "the run is not finished, submission.zip is being made again"),
        (lambda run: (run / "run.json").unlink(), "expected the folder `results` of a finished"),
        (lambda run: (run / "run.json").write_text("[]"), "not the record of a run"),
        (shutil.rmtree, "no such folder"),
    ],
)
def test_what_is_no_finished_run_is_told(run, clip, tmp_path, capsys, change, message):
    change(run)
    assert main(["parse", str(clip), "--run", str(run), "--out", str(tmp_path / "out")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {run}")
    assert message in line
    assert not (tmp_path / "out").exists()


def test_the_folder_above_results_is_understood(run, clip, tmp_path, capsys):
    assert main(["parse", str(clip), "--run", str(run.parent), "--out", str(tmp_path)]) == 1
    assert f"did you mean {run}?" in capsys.readouterr().err


def parse_error(capsys, *arguments):
    assert main(["parse", *map(str, arguments)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_two_videos_of_a_name_are_told(run, clip, tmp_path, capsys):
    other = clip.with_suffix(".avi")
    shutil.copy(clip, other)
    out = tmp_path / "out"
    line = parse_error(capsys, clip, other, clip, "--run", run, "--out", out)
    assert line.startswith(f"error: {other}: the name 'clip' is taken by {clip};")
    assert not out.exists()


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cuda:x", "cpu:1"])
def test_a_device_that_is_none_is_told(run, clip, tmp_path, capsys, device):
    line = parse_error(capsys, clip, "--run", run, "--out", tmp_path / "out", "--device", device)
    assert line == f"error: device '{device}': expected cpu, cuda, cuda:N or auto"


def test_other_files_are_not_replaced(run, clip, tmp_path, capsys):
    common = ["--run", run, "--out"]
    assert "is the video itself" in parse_error(capsys, clip, *common, clip.parent)
    out = tmp_path / "out"
    out.mkdir()
    (out / "clip.mp4").touch()
    assert "clip.mp4: is there already" in parse_error(capsys, clip, *common, out)
    (out / "clip.json").write_text("{}")
    assert "clip.json: not a parse of a video" in parse_error(capsys, clip, *common, out)
    assert sorted(path.name for path in out.iterdir()) == ["clip.json", "clip.mp4"]


@pytest.fixture
def instead(monkeypatch):
    """In the place of `Parser`: fails on clips as their names say, and asks for no model."""
    asked = []

    class Instead:
        def __init__(self, *_, **options):
            pass

        def parse(self, video, **_):
            asked.append(video.stem)
            raise {
                "bad": IndexError("index 7"),
                "worse": InputError(f"{video}: no frame decodes"),
                "full": OSError(errno.ENOSPC, "No space left on device"),
            }[video.stem]

    monkeypatch.setattr(parse_folder, "Parser", Instead)
    return asked


def copies(clip, *names):
    return [Path(shutil.copy(clip, clip.with_name(f"{name}.mp4"))) for name in names]


def test_a_video_that_fails_takes_no_other_with_it(run, clip, tmp_path, capsys, instead):
    paths = copies(clip, "bad", "worse")
    out = tmp_path / "out"
    common = ["--run", str(run), "--out", str(out), "--jobs", "1"]
    assert main(["parse", *map(str, paths), *common]) == 1
    assert instead == ["bad", "worse"]
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith(f"error: {paths[0]}: IndexError: index 7")
    assert said[1:] == [f"error: {paths[1]}: no frame decodes"]


def test_a_full_disk_and_a_fault_in_development_stop_all(run, clip, tmp_path, instead):
    bad, full = copies(clip, "bad", "full")
    common = ["--run", str(run), "--out", str(tmp_path / "out"), "--jobs", "1"]
    assert main(["parse", str(full), str(bad), *common]) == 1
    record = json.loads((run / "run.json").read_text())
    record["config"]["stop_on_fault"] = True
    (run / "run.json").write_text(json.dumps(record))
    with pytest.raises(IndexError):
        main(["parse", str(bad), str(full), *common])
    assert instead == ["full", "bad"]


@pytest.mark.parametrize(
    ("device", "gpus", "asked", "expected"),
    [
        ("cpu", 2, 3, 3),
        ("auto", 0, 3, 3),
        ("auto", 2, None, 1),
        ("auto", 2, 3, 2),  # a third would wait for ever for a GPU that the others keep
        ("cuda:1", 2, 3, 1),
    ],
)
def test_each_process_has_a_gpu_of_its_own(run, monkeypatch, device, gpus, asked, expected):
    monkeypatch.setattr(parse_folder, "find_devices", lambda: ["GPU"] * gpus)
    request = parse_folder.Request.of(open_run(run), None, None, None, device)
    assert parse_folder._job_count(request, asked) == expected


@pytest.mark.usefixtures("instead")
def test_a_name_that_is_too_long_is_told_before_any_work(run, clip, tmp_path, capsys):
    name = ("完結男友成了妹夫" * 11)[:80]
    long, worse = copies(clip, name, "worse")
    out = tmp_path / "out"
    assert main(["parse", str(long), str(worse), "--run", str(run), "--out", str(out)]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith(f"error: {long}: the name has 240 bytes without its suffix; expec")
    assert "no frame decodes" in said[1]


def test_what_is_no_video_is_told_and_nothing_is_started(run, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(parse_folder, "Parser", None)
    hidden, back = tmp_path / ".clip.mp4", tmp_path / "a\\b.mp4"
    for path in (hidden, back):
        path.touch()
    paths = [hidden, back, tmp_path / "missing.mp4"]
    command = ["parse", *map(str, paths), "--run", str(run), "--out", str(tmp_path / "out")]
    assert main(command) == 1
    said = capsys.readouterr().err.splitlines()
    assert ["no dot at the start" in said[0], "no backslash" in said[1]] == [True, True]
    assert said[2] == f"error: {paths[2]}: no such video"
