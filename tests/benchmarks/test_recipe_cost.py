"""What the estimate of GPU hours counts."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.recipe.cost import RULES, Job, cost, count_splits
from benchmarks.recipe.operations import detector, part_state_network
from tests.planning.test_full_recipes import RECIPE, settings_of


@pytest.fixture(scope="module")
def config(repository: Path) -> dict[str, Any]:
    return settings_of(repository, RECIPE)


def test_no_rule_with_a_gpu_is_left_out(repository: Path) -> None:
    text = "\n".join(path.read_text() for path in (repository / "rules").rglob("*.smk"))
    assert text.count("gpu=1") == 1  # of network_stage
    found = set(re.findall(r"use rule network_stage as (\w+) with:", text))
    assert found == RULES.keys()


def test_the_splits_have_the_official_counts(config: dict[str, Any]) -> None:
    splits = count_splits(config)
    assert round(splits["train"].videos) == 3000
    assert round(splits["val"].videos) == 809
    assert splits["test"].videos == 932
    assert splits["test"].scored == pytest.approx(48655, rel=1e-3)
    assert splits["train"].frames == pytest.approx(452_752, rel=1e-3)
    assert splits["train"].persons / splits["train"].frames == pytest.approx(2.78, abs=0.01)


def test_operations_are_those_that_are_published(config: dict[str, Any]) -> None:
    assert detector("yolo11n.yaml", 640) == pytest.approx(6.5e9, rel=0.05)  # ultralytics
    swin_large = config["states"]["part_state"]["train"]
    found = part_state_network(yaml.safe_dump(swin_large))
    assert found == pytest.approx(2 * 103.9e9, rel=0.02)  # Swin's paper: 103.9 G multiply-adds


def test_epochs_examples_and_shards_are_multiplied(config: dict[str, Any]) -> None:
    jobs = {
        ("train_action", (("model", "csn"),)): 1,
        ("predict_action", (("model", "csn"), ("shard", "test"))): 12,
        ("train_group", (("grouped", "group"), ("group", "arm"))): 6,
        ("train_pose", ()): 1,
    }
    rows = {row: work[0] for row, work in cost(config, jobs, persons=10)}
    assert ("train_pose", "") not in rows  # its weights are used as they are
    assert rows["train_action", "csn"].examples == pytest.approx(58 * 3000, rel=1e-3)
    assert rows["predict_action", "csn"].examples == 932 * 7 * 3
    assert rows["train_group", "group"].examples == pytest.approx(6 * 58 * 3000, rel=1e-3)
    forward = rows["predict_action", "csn"].each * (224 / 256) ** 2  # its crops are larger
    assert rows["train_action", "csn"].each == pytest.approx(3 * forward, rel=0.01)


def test_a_refit_learns_from_val_too(config: dict[str, Any]) -> None:
    jobs: dict[Job, int] = {
        ("train_skeleton", (("fit", "model"),)): 1,
        ("train_skeleton", (("fit", "refit"),)): 1,
        ("predict_tracked_pose", (("shard", "refit"),)): 12,
        ("predict_tracked_pose", (("shard", "train"),)): 48,
    }
    rows = dict(cost(config, jobs, persons=10))
    once, again = rows["train_skeleton", "model"][0], rows["train_skeleton", "refit"][0]
    assert again.examples / once.examples == pytest.approx(3809 / 3000, rel=1e-3)
    of_val, of_train = rows["predict_tracked_pose", ""]
    assert of_val.examples / of_train.examples == pytest.approx(809 / 3000, rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "row"),
    [
        ([], "full recipe alone"),
        (["configs/winner_2022.yaml"], "winner 2022"),
        (["configs/second_2021.yaml"], "second 2021"),
        (["configs/best.yaml"], "best"),
        (["--every-method"], "all that the recipe has settings for"),
    ],
)
def test_the_page_has_what_the_program_prints(
    repository: Path, arguments: list[str], row: str
) -> None:
    """Run after a change of the recipe; it plans 4,741 videos and builds the full-size networks."""
    command = [sys.executable, "-m", "benchmarks.recipe.cost", *arguments]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
    page = (repository / "docs/full-recipe.md").read_text()
    *stages, everything = re.findall(r"^\| (?!stage|---).*\|$", done.stdout, re.MULTILINE)
    v100, h100 = everything.strip("| ").split(" | ")[-2:]
    assert f"| {row} | {v100} | {h100} |" in page
    if row == "winner 2022":
        hours = [stage.split(" | ")[-2] for stage in stages]
        shown = [s for s, h in zip(stages, hours, strict=True) if h != "<0.1" and float(h) >= 1]
        assert all(stage in page for stage in shown)
