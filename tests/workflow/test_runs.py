"""The workflow as its users run it: whole, stage by stage, again, and on wrong input."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from subprocess import PIPE

import pandas as pd
import pytest
import yaml

from partparse.files.weights import digest
from tests.samples.git import commit_file
from tests.samples.tiny_runs import BROKEN, jobs, snakemake

pytestmark = pytest.mark.workflow

PER_SHARD_STAGES = (
    "list_shard",
    "read_dataset",
    "extract_frames",
    "detect_persons",
    "choose_persons",
    "predict_pose",
    "grow_persons",
    "detect_parts",
    "predict_action",
    "predict_category",
    "predict_group",
    "predict_parser",
    "choose_action",
    "choose_parts",
    "parse_states",
    "vote",
    "choose_by_category",
    "detect_between",
    "track_persons",
    "decide",
)
# methods; pictures, and what a mirror shows
TABLES_A_SHARD = {"parse_states": 3, "detect_persons": 2, "detect_parts": 2}


def test_the_workflow_is_lint_clean(repository, tmp_path):
    linted = snakemake(repository, tmp_path, "--lint")
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_the_demo_is_planned_before_it_is_made(repository, tmp_path):
    planned = jobs(snakemake(repository, tmp_path, "-n"))
    assert planned["make_demo"] == 1
    assert planned["train_group"] == 6
    assert planned["write_submission"] == 1


def test_mirrored_detections_are_planned_where_they_are_asked_for(repository, tmp_path):
    parts, shard = "results/parts", "val-000.parquet"
    plain = [f"results/persons/detected/{shard}", f"{parts}/dots/{shard}", f"{parts}/plain/{shard}"]
    mirrored = [f"results/persons/mirrored/{shard}"]
    mirrored += [f"{parts}/dots_mirrored/{shard}", f"{parts}/plain_mirrored/{shard}"]
    planned = snakemake(repository, tmp_path, "-n", "-p", "--", *plain, *mirrored)
    assert jobs(planned)["detect_persons"] == 2
    assert jobs(planned)["detect_parts"] == 4
    commands = re.findall(r"detect_(?:persons|parts)\.py.*", planned.stdout + planned.stderr)
    flagged = {
        out: "--mirrored" in line for line in commands for out in re.findall(r"--out (\S+)", line)
    }
    assert flagged == dict.fromkeys(plain, False) | dict.fromkeys(mirrored, True)


def test_programs_are_given_the_same_threads_whatever_the_cores(repository, tmp_path):
    overlay = tmp_path / "threads.yaml"
    overlay.write_text("resources: {threads: 3}\n")
    table = "results/persons/detected/test-000.parquet"
    command = ["-n", "-p", "--cores", "1", "--configfile", str(overlay), "--", table]
    planned = snakemake(repository, tmp_path, *command)
    for program in ("train_persons.py", "detect_persons.py"):
        assert re.search(rf"{program} .* --threads 3 ", planned.stdout + planned.stderr)


def test_only_test_is_judged_by_what_has_learnt_from_val(repository, tmp_path):
    overlay = tmp_path / "refit.yaml"
    overlay.write_text(
        "methods: {states: [category, skeleton, parser]}\npose: {source: parser}\n"
        "parts: {variants: [parser]}\nsubmission: {refit: [skeleton, parser]}\n"
    )
    judged = [f"results/states/skeleton/{split}-000.parquet" for split in ("val", "test")]
    command = ["-n", "-p", "--configfile", str(overlay), "--", *judged]
    planned = snakemake(repository, tmp_path, *command)
    said = planned.stdout + planned.stderr
    judging = r"predict_(\w+)\.py --model results/states/\w+/(\w+) .*states-out \S+/(\S+)\.parquet"
    models = {(name, shard): model for name, model, shard in re.findall(judging, said)}
    assert {shard for (_, shard), model in models.items() if model == "refit"} == {"test-000"}
    assert models["skeleton", "val-000"] == models["parser", "refit-000"] == "model"
    training = r"(train_(?:skeleton|parser)\.py.*--out results/states/(\S+))"
    learnt = {place: line for line, place in re.findall(training, said)}
    assert learnt.keys() == {
        f"{name}/{fit}" for name in ("skeleton", "parser") for fit in ("model", "refit")
    }
    for place, line in learnt.items():
        assert ("annotations/val-000" in line) == place.endswith("refit")
        assert ("persons/refit-000" in line) == (place == "skeleton/refit")
        assert ("--init results/states/parser/model" in line) == (place == "parser/refit")
        assert ('"epochs": 3' in line) == (place == "parser/refit")
        assert "test-000" not in line


@pytest.mark.parametrize(
    ("overlay", "stages"),
    [
        ({}, {"rank_parts": 1, "choose_parts": 1, "detect_parts": 2, "choose_persons": 2}),
        ({"submission": {"part_detector": "dots"}}, {"detect_parts": 1, "choose_persons": 1}),
        ({"parts": {"variants": ["dots"]}}, {"detect_parts": 1, "choose_persons": 1}),
    ],
)
def test_among_several_part_detectors_and_persons_boxes_val_chooses(
    repository, tmp_path, overlay, stages
):
    path = tmp_path / "parts.yaml"
    path.write_text(yaml.safe_dump({"methods": {"actions": ["csn"]}} | overlay))
    target = "results/states/category/test-000.parquet"
    planned = jobs(snakemake(repository, tmp_path, "-n", "--configfile", str(path), "--", target))
    assert planned["predict_parser"] == 2  # val's too: by these the boxes are ranked
    assert planned["rank_persons"] == 1
    told = ("rank_parts", "choose_parts", "detect_parts", "choose_persons")
    shards = {stage: planned.get(stage, 0) for stage in told}
    assert {stage: count for stage, count in shards.items() if count} == stages


def test_other_folds_judge_too(repository, tiny_overlay, tmp_path):
    """Of two folds, each held out by a run, both fit the decision of the second."""
    own = {"val_folds": 2, "val_fold": 1, "shards": {"train": 1, "val": 1, "test": 1}}
    light = {"methods": {"actions": ["csn"], "states": ["category"]}, "dataset": own}
    light |= {"parts": {"variants": ["plain"]}}
    other, folder = (tmp_path / name for name in ("other", "run"))
    fitted = "results/decision/decide/model"

    def run(where, *targets):
        overlay = where.with_suffix(".yaml")
        overlay.write_text(yaml.safe_dump(light))
        files = ("--configfile", str(tiny_overlay), str(overlay))
        done = snakemake(repository, where, *files, "--", *targets)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]
        truth = pd.read_parquet(where / "results/dataset/truth/val-000.parquet")
        return set(truth["video"])

    theirs = run(other, fitted)
    own |= {"val_fold": 0, "other_folds": [str(other / "results")]}
    choice, decided = "results/ensemble/choice.csv", "results/parses/decide/val-000.parquet"
    ours = run(folder, fitted, choice, decided)
    assert not theirs & ours
    for where, judged in ((other, theirs), (folder, theirs | ours)):
        card = json.loads((where / fitted / "model.json").read_text())
        assert card["trained_on"]["videos"] == len(judged)
    ranked = pd.read_csv(folder / choice).query("fold == 'all' and action == '*'")
    assert set(ranked["videos"]) == {len(theirs | ours)}
    assert set(pd.read_parquet(folder / decided)["video"]) == ours


def test_what_is_chosen_among_is_judged_by_all_folds(repository, tiny_overlay, tmp_path):
    def run(where, folds, *words):
        overlay = where.with_suffix(".yaml")
        overlay.write_text(yaml.safe_dump({"dataset": folds}))
        given = ("--configfile", str(tiny_overlay), str(overlay))
        done = snakemake(repository, where, *given, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    other = tmp_path / "other/results"
    folds: dict[str, object] = {"val_folds": 2, "val_fold": 1}
    run(other.parent, folds, "--", "results/shards/val-000.csv")
    read = ("dataset/annotations", "dataset/truth", "persons/detected", "parser/persons")
    found = ("persons/grown", "parts/parser", "parts/dots", "actions/csn", "actions/parser")
    for kind in (*read, *found):
        (other / kind).mkdir(parents=True)
        (other / kind / "val-000.parquet").touch()
    folds |= {"val_fold": 0, "other_folds": [str(other)]}
    rankings = [f"results/{kind}/ranking.csv" for kind in ("persons", "parts", "actions")]
    said = run(tmp_path / "run", folds, "-n", "-p", "--", *rankings)
    for program, named in (
        ("rank_persons", "detected={}/persons/detected"),
        ("rank_persons", "parser={}/parser/persons"),
        ("rank_parts", "dots={}/parts/dots"),
        ("rank_actions", "parser={}/actions/parser"),
    ):
        (line,) = re.findall(rf"{program}\.py .*", said)
        for results in ("results", other):
            assert f"{named.format(results)}/val-000.parquet" in line, line


def test_persons_are_tracked_without_pose(repository, tmp_path):
    overlay = tmp_path / "plain.yaml"
    overlay.write_text("parts: {variants: [plain]}\n")
    tracks = [f"results/tracks/persons/{split}-000.parquet" for split in ("train", "val")]
    command = ["-n", "--configfile", str(overlay), "--", *tracks]
    planned = jobs(snakemake(repository, tmp_path, *command))
    assert planned["track_persons"] == 2
    assert planned["detect_between"] == 1
    assert not [stage for stage in planned if "pose" in stage]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("persons={train: {epochs: many}}", "epochs"),
        ("frames={jpeg_quality: 95, scored_strides: 5}", "scored_strides"),
        ("dataset={root: /nowhere/at/all}", "/nowhere/at/all"),
        ("submission={parses: best_guess, action_model: csn}", "best_guess"),
        ("persons={train: {weights: yolo11n.pt}}", "yolo11n.pt: expected its checksum too"),
        ("actions={csn: {train: {weights: /nowhere/csn.pth}}}", "/nowhere/csn.pth"),
    ],
)
def test_a_wrong_setting_is_named_before_any_work(repository, tmp_path, setting, message):
    overlay = tmp_path / "wrong.yaml"
    name, value = setting.split("=", 1)
    overlay.write_text(f"{name}: {value}\n")
    refused = snakemake(repository, tmp_path, "-n", "--configfile", str(overlay))
    assert refused.returncode != 0
    assert message in refused.stdout + refused.stderr


def test_a_folder_s_name_may_have_braces(repository, tiny_data, tiny_overlay, tmp_path):
    root = tmp_path / "{set} 100%"
    root.symlink_to(tiny_data)
    config = yaml.safe_load(tiny_overlay.read_text())
    config["dataset"]["root"] = str(root)
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    planned = jobs(snakemake(repository, tmp_path, "-n", "--configfile", str(path)))
    assert planned["write_front_page"] == 1


def test_a_missing_list_file_is_named(repository, tiny_data, tiny_overlay, tmp_path):
    root = tmp_path / "set"
    shutil.copytree(tiny_data, root)
    (root / "list" / "part_stat.txt").unlink()
    config = yaml.safe_load(tiny_overlay.read_text())
    config["dataset"]["root"] = str(root)
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    refused = snakemake(repository, tmp_path, "-n", "--configfile", str(path))
    assert refused.returncode != 0
    assert re.search(r"part_stat\.txt: no such file", refused.stdout + refused.stderr)


def test_missing_keypoints_are_told_before_any_work(repository, tiny_data, tiny_overlay, tmp_path):
    root = tmp_path / "set"
    shutil.copytree(tiny_data, root, ignore=shutil.ignore_patterns("keypoints"))
    config = yaml.safe_load(tiny_overlay.read_text())
    config["dataset"]["root"] = str(root)
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    refused = snakemake(repository, tmp_path, "-n", "--configfile", str(path))
    assert refused.returncode != 0
    assert "keypoints: no such folder" in refused.stdout + refused.stderr
    config["parts"]["variants"] = ["plain"]
    path.write_text(yaml.safe_dump(config))
    planned = jobs(snakemake(repository, tmp_path, "-n", "--configfile", str(path)))
    assert not [stage for stage in planned if "pose" in stage or stage == "grow_persons"]


def test_the_whole_chain_writes_a_scored_submission(tiny_run):
    results = tiny_run / "results"
    scores = pd.read_csv(results / "scores.csv")
    assert set(scores["method"]) == {"category", "group", "parser", "vote", "by_category", "decide"}
    assert set(scores["split"]) == {"val", "test"}
    assert scores["score"].between(0, 1).all()
    oracles = pd.read_csv(results / "oracles" / "test.csv").set_index("row")["score"]
    assert oracles["all_gt"] == pytest.approx(0.9999, abs=1e-9)
    assert (results / "submission" / "pred_part_result.json").exists()
    assert (results / "submission" / "pred_vid_result.json").exists()
    choice = pd.read_csv(results / "ensemble" / "choice.csv")
    assert {"fold", "action", "method", "videos", "psc", "rank"} <= set(choice)


def test_the_command_line_scores_the_submission_as_the_workflow_did(tiny_run, tiny_data, tmp_path):
    cli = [sys.executable, "-m", "partparse.cli"]
    subprocess.run([*cli, "make-gt", tiny_data, tmp_path / "gt"], check=True, capture_output=True)
    submission = tiny_run / "results" / "submission" / "submission.zip"
    checked = subprocess.run(
        [*cli, "check-submission", submission, "--gt", tmp_path / "gt"], check=False
    )
    assert checked.returncode == 0
    scored = subprocess.run(
        [*cli, "evaluate", tmp_path / "gt", submission], check=True, capture_output=True, text=True
    )
    scores = pd.read_csv(tiny_run / "results" / "scores.csv")
    mine = scores.query("split == 'test' and method == 'decide'")["score"].item()
    [printed] = map(float, re.findall(r"score: (\d\.\d{6})", scored.stdout))
    assert printed == pytest.approx(mine, abs=5.1e-7)


def test_the_run_says_what_it_came_from(tiny_run, tiny_data, tiny_overlay):
    record = json.loads((tiny_run / "results/run.json").read_text())
    assert record["data_set"]["videos"] == {"train": 8, "val": 8, "test": 8}
    assert record["config"]["dataset"]["root"] == tiny_data.name
    assert record["config"]["persons"]["train"]["epochs"] == 1
    assert record["seeds"]["persons.train.seed"] == 0
    submission = tiny_run / "results" / "submission"
    assert len(record["submission"]) == 3
    assert record["submission"] == {
        name: digest(submission / name) for name in record["submission"]
    }
    scores = pd.read_csv(tiny_run / "results" / "scores.csv").set_index(["split", "method"])
    assert record["scores"]["test"]["decide"] == scores.loc[("test", "decide"), "score"]
    text = (tiny_run / "results/run.json").read_text()
    assert str(tiny_data.parent) not in text
    assert str(tiny_run) not in text


def test_a_second_run_has_nothing_to_do(repository, tiny_run, tiny_overlay):
    again = snakemake(repository, tiny_run, "-n", "--configfile", str(tiny_overlay))
    assert "Nothing to be done" in again.stdout + again.stderr


def test_one_stage_can_be_run_again_with_what_follows(repository, tiny_run, tiny_overlay):
    planned = jobs(
        snakemake(
            repository, tiny_run, "-n", "-R", "detect_parts", "--configfile", str(tiny_overlay)
        )
    )
    assert "detect_parts" in planned
    assert "write_submission" in planned
    assert not {"extract_frames", "detect_persons", "train_parts"} & set(planned)


@pytest.mark.usefixtures("interruptible")
def test_a_run_that_is_interrupted_ends_without_a_word_of_failure(repository, tmp_path):
    command = [sys.executable, "-m", "snakemake", "--snakefile", repository / "Snakefile"]
    command += ["--directory", tmp_path, "--cores", "1", "--", "results/demo.json"]
    with subprocess.Popen(
        command,
        text=True,
        stdout=PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as run:
        said = ""
        assert run.stdout is not None
        for line in run.stdout:
            said += line
            if "localrule make_demo" in line:
                time.sleep(2)
                os.killpg(run.pid, signal.SIGINT)  # as Ctrl-C in a terminal
    assert run.returncode == 1
    assert "Interrupted; waiting for the jobs to end. The same command goes on" in said
    assert not [word for word in ("Error", "Exception", "Traceback", "non-zero") if word in said]


def test_pictures_are_deleted_with_all_other_output(repository, tiny_run, tiny_overlay, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(tiny_run, run)
    assert list(run.glob("results/frames/*/img_00001.jpg"))
    deleted = snakemake(repository, run, "--configfile", str(tiny_overlay), "--delete-all-output")
    assert deleted.returncode == 0
    assert not (run / "results/frames").exists()
    left = {path.relative_to(run).parts[1] for path in run.glob("results/**/*") if path.is_file()}
    # the report and parses were asked for by name
    assert left <= {"benchmarks", "report.html", "parsed", "problems"}


def test_a_table_that_was_cut_short_is_made_again(repository, tiny_run, tiny_overlay, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(tiny_run, run)
    table = run / "results/parses/group/test-000.parquet"
    times = table.stat()
    table.write_bytes(table.read_bytes()[:-1])
    os.utime(table, ns=(times.st_atime_ns, times.st_mtime_ns))  # its times tell nothing
    planned = snakemake(repository, run, "-n", "--configfile", str(tiny_overlay))
    assert jobs(planned)["parse_states"] == 1
    assert "parses/group/test-000.parquet: damaged" in planned.stdout + planned.stderr
    target = str(table.relative_to(run))
    done = snakemake(repository, run, "--configfile", str(tiny_overlay), "--", target)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert table.read_bytes() == (tiny_run / target).read_bytes()


def test_broken_videos_are_shown_and_stay_in_the_submission(tiny_run):
    page = (tiny_run / "results/report/problems.html").read_text()
    submitted = json.loads((tiny_run / "results/submission/pred_part_result.json").read_text())
    actions = json.loads((tiny_run / "results/submission/pred_vid_result.json").read_text())
    for path in BROKEN.values():
        assert Path(path).stem in page
        if path.startswith("test"):
            assert list(submitted[Path(path).stem]) == [
                "img_00001.json",
                "img_00006.json",
                "img_00011.json",
            ]
            assert Path(path).stem in actions
    whole = set(actions) - {Path(path).stem for path in BROKEN.values()}
    assert not [video for video in whole if video in page]


@pytest.fixture
def added_video(tiny_data):
    """One more test video with its annotations; gone again after the test."""
    video = min((tiny_data / "test_videos" / "lunge").iterdir())
    flist = tiny_data / "list" / "video_test_flist.csv"
    annotations = tiny_data / "test_annotations" / "lunge"
    before = flist.read_text()
    line = next(n for n in before.splitlines() if n.startswith(video.stem))
    flist.write_text(before + line.replace(video.stem, "added_video") + "\n")
    shutil.copy(video, video.with_name("added_video.mp4"))
    shutil.copytree(annotations / video.stem, annotations / "added_video")
    yield
    flist.write_text(before)
    video.with_name("added_video.mp4").unlink()
    shutil.rmtree(annotations / "added_video")


@pytest.mark.usefixtures("added_video")
def test_a_video_that_is_added_runs_one_shard_of_each_stage(
    repository, tiny_run, tiny_overlay, tmp_path
):
    run = tmp_path / "run"
    shutil.copytree(tiny_run, run)  # with times, by which the workflow knows what is current
    planned = jobs(snakemake(repository, run, "-n", "--configfile", str(tiny_overlay)))
    for stage in PER_SHARD_STAGES:
        assert planned.get(stage) == TABLES_A_SHARD.get(stage, 1), (stage, planned)
    assert not [stage for stage in planned if stage.startswith(("train_", "fit_"))]
    done = snakemake(repository, run, "--configfile", str(tiny_overlay))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    before, after = (
        json.loads((folder / "results/submission/pred_part_result.json").read_text())
        for folder in (tiny_run, run)
    )
    assert after.pop("added_video")
    assert after == before


@pytest.fixture
def copy(repository, tmp_path):
    """The project at another place."""
    unused = shutil.ignore_patterns(".*", "results", "logs", "benchmarks")
    return Path(shutil.copytree(repository, tmp_path / "checkout", ignore=unused))


def test_another_commit_is_recorded_and_runs_nothing_else(copy, tiny_run, tiny_overlay):
    commit_file(copy / "Snakefile")
    planned = jobs(snakemake(copy, tiny_run, "-n", "--configfile", str(tiny_overlay)))
    assert planned == {"record_run": 1, "write_provenance": 1, "all": 1, "total": 3}


def test_the_submission_is_the_same_whatever_the_cores_and_shards(
    repository, tiny_run, tiny_overlay, tmp_path
):
    run = tmp_path / "run"
    shutil.copytree(tiny_run, run)
    config = yaml.safe_load(tiny_overlay.read_text())
    config["dataset"]["shards"]["test"] = 1
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    target = "results/submission/submission.zip"
    command = ["--cores", "1", "--configfile", str(path), "--", target]
    planned = jobs(snakemake(repository, run, "-n", *command))
    assert planned["detect_persons"] == 2  # of the one shard, plain and mirrored
    assert not [stage for stage in planned if stage.startswith(("train_", "fit_"))]
    done = snakemake(repository, run, *command)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert (run / target).read_bytes() == (tiny_run / target).read_bytes()


def test_a_raised_version_runs_the_stage_and_what_follows(copy, tiny_run, tiny_overlay):
    versions = copy / "partparse" / "planning" / "versions.py"
    assert '"grow_persons"' not in versions.read_text()  # it is at its first
    versions.write_text(f'{versions.read_text()}\nVERSIONS["grow_persons"] = 2\n')
    planned = jobs(snakemake(copy, tiny_run, "-n", "--configfile", str(tiny_overlay)))
    assert {"grow_persons", "detect_parts", "write_submission"} <= set(planned)
    assert not {"extract_frames", "predict_pose", "train_parts"} & set(planned)
