"""The page of problems asks each stage that is run, and has none run for its sake."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from partparse.planning.problems import problems_of, stage_of
from partparse.vocabulary import PART_GROUPS
from tests.planning.test_config import merged
from tests.samples.tiny_runs import run_program

FOLDER = "results/problems/"
EVERYTHING: dict[str, Any] = {
    "methods": {
        "actions": ["csn", "csn_flow", "two_stream", "skeleton"],
        "states": ["category", "group", "onestage", "baseline", "skeleton", "mean"],
    },
    "fusions": {
        "states": {
            "mean": {name: dict.fromkeys(PART_GROUPS, 1.0) for name in ("category", "group")}
        }
    },
    "parts": {"variants": ["dots", "single"]},
}
PARSER: dict[str, Any] = {
    "methods": {"states": ["category", "parser", "skeleton"]},
    "pose": {"source": "parser"},
    "parts": {"variants": ["parser", "plain"]},
}

PERSONS = merged(PARSER, {"methods": {"actions": ["csn_persons"], "states": ["category"]}})


def test_a_stage_is_found_in_the_name_of_its_table() -> None:
    table = problems_of("parts/{variant}").format(variant="dots", shard="val-000")
    assert stage_of(table) == stage_of(f".snakemake/storage/s3/bucket/{table}") == "parts/dots"


def submitting(parses: str, action: str = "csn", *refit: str, **overlay: Any) -> dict[str, Any]:
    said = {"parses": parses, "action_model": action, "refit": list(refit)}
    return overlay | {"submission": said}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data set whose test videos have no truth; nobody opens its files."""
    videos = [f"{name}.mp4" for name in ("train_videos/a/b", "train_videos/a/c", "test_videos/a/d")]
    for name in (*videos, "list/body_part.txt", "list/part_stat.txt"):
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "set/keypoints").mkdir()
    return tmp_path / "set"


@pytest.mark.workflow
@pytest.mark.parametrize(
    ("overlay", "scored"),
    [
        ({}, True),
        (submitting("decide", "best", "skeleton", **EVERYTHING), True),
        (PARSER, True),
        (EVERYTHING, False),
        (submitting("by_category", "two_stream", **EVERYTHING), False),
        (submitting("mean", "best", **EVERYTHING), False),
        (submitting("onestage", "skeleton", **EVERYTHING), False),
        (submitting("vote", "csn_persons", **PERSONS), False),
    ],
)
def test_every_stage_is_asked_and_none_is_run_for_it(
    repository: Path, tmp_path: Path, root: Path, overlay: Mapping[str, Any], scored: bool
) -> None:
    base = yaml.safe_load((repository / "config.yaml").read_text())
    if not scored:
        overlay = merged(overlay, {"dataset": {"root": str(root), "val_share": 0.5}})
    (tmp_path / "config.json").write_text(json.dumps(merged(base, overlay)))
    jobs = tmp_path / "jobs.json"
    run_program(
        repository / "scripts" / "plan_jobs.py",
        *("--snakefile", repository / "Snakefile", "--folder", tmp_path, "--target", "all"),
        *("--config", tmp_path / "config.json", "--out", jobs),
    )
    plan = json.loads(jobs.read_text())
    (page,) = (job for job in plan if "results/problems.parquet" in job["outputs"])
    asked = {file for file in page["inputs"] if file.startswith(FOLDER)}
    others = {file for job in plan if job is not page for file in job["inputs"]}
    written = set()
    for job in plan:
        told = [file for file in job["outputs"] if file.startswith(FOLDER)]
        written |= {*told}
        assert not told or others & {*job["outputs"]}, job["outputs"]
    assert written == asked
    assert {stage_of(file).split("/")[0] for file in asked} >= {"persons", "parts", "states"}
