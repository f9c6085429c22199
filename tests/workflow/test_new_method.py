"""The method of docs/new-method.md, taken from the page: it runs, and is found by its name."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from partparse import tables
from partparse.vocabulary import PERSON
from tests.samples.tiny_runs import jobs, snakemake

pytestmark = pytest.mark.workflow

BLOCK = re.compile(r"^`([^`\n]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MAX_LINES = 62
# what is run; the tables of detectors and action models are made of the truth instead
RULES = ["make_demo", "list_shard", "read_vocabulary", "read_dataset", "extract_frames"]
RULES += ["fit_category", "predict_category", "predict_nearest", "parse_states", "score_parses"]
RULES += ["rank_methods", "vote"]


@pytest.fixture(scope="module")
def blocks(repository):
    """{path: code} of the page."""
    return dict(BLOCK.findall((repository / "docs/new-method.md").read_text()))


@pytest.fixture(scope="module")
def project(repository, blocks, tmp_path_factory):
    """A copy of the project with the method, and nothing else changed."""
    unused = shutil.ignore_patterns(".*", "results", "logs", "benchmarks", "runs", "tests")
    copy = tmp_path_factory.mktemp("project") / "checkout"
    shutil.copytree(repository, copy, ignore=unused)
    for path, code in blocks.items():
        assert not (repository / path).exists(), path
        (copy / path).parent.mkdir(exist_ok=True)
        (copy / path).write_text(code)
    return copy


def write_tables(run: Path) -> None:
    """Detections and actions of val as if they had been perfect."""
    data = run / "results/dataset"
    shard = "val-000.parquet"
    truth = tables.read(data / "truth" / shard, tables.TRUTH)
    rows = tables.read(data / "annotations" / shard, tables.ANNOTATIONS).assign(score=1.0, track=-1)
    person = rows["part"] == PERSON
    key = ["video", "frame", "person"]
    persons = rows.loc[person, [*key, *tables.BOX, "score", "track"]]
    parts = rows.loc[~person, [*key, "part", *tables.BOX, "score"]]
    names = sorted(set(truth["action"]))
    sure = pd.get_dummies(truth["action"], prefix="p", dtype=float)[[f"p_{n}" for n in names]]
    actions = pd.concat([truth[["video"]], sure], axis=1)
    tables.write(persons, run / "results/persons/detected" / shard, tables.PERSONS)
    tables.write(parts, run / "results/parts/plain" / shard, tables.PARTS_TABLE)
    tables.write(actions, run / "results/actions/csn" / shard, tables.ACTIONS)


def test_the_example_is_short_and_clean(blocks, project):
    lines = [line for code in blocks.values() for line in code.splitlines() if line.strip()]
    assert len(lines) <= MAX_LINES
    assert list(blocks) == [
        "partparse/states/nearest/__init__.py",
        "partparse/states/nearest/settings.py",
        "partparse/states/nearest/prediction.py",
        "scripts/predict_nearest.py",
        "rules/states/nearest.smk",
        "configs/nearest.yaml",
    ]
    python = [path for path in blocks if path.endswith(".py")]
    commands = [["ruff", "check", *python], ["ruff", "format", "--check", *python]]
    commands += [["snakefmt", "--check", "rules/states/nearest.smk"]]
    for name, *arguments in commands:
        tool = Path(sys.executable).with_name(name)
        checked = subprocess.run(
            [tool, *arguments], cwd=project, capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr


def test_everything_picks_the_method_up_by_its_name(project, tmp_path):
    command = ["-n", "-p", "--configfile", str(project / "configs/nearest.yaml")]
    planned = snakemake(project, tmp_path, *command)
    assert jobs(planned)["predict_nearest"] == 2  # the shards of val and test
    text = planned.stdout + planned.stderr
    for program in ("vote.py", "choose_by_category.py", "decide.py"):
        assert re.search(rf"{program} .*nearest(=|\": \")\S+/nearest/", text), program
    assert "results/scores/test/nearest.csv" in text


def test_the_method_is_parsed_voted_and_scored(project, repository, tmp_path):
    config = yaml.safe_load((repository / "tests/configs/tiny.yaml").read_text())
    config |= {"parts": {"variants": ["plain"]}, "methods": {"actions": ["csn"]}}
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(config))
    files = [tmp_path / "tiny.yaml", project / "configs/nearest.yaml"]
    command = ["--configfile", *map(str, files), "--allowed-rules", *RULES, "--"]
    data = ["annotations/train-000", "annotations/val-000"]
    made = [f"results/dataset/{name}.parquet" for name in data]
    done = snakemake(project, tmp_path, *command, *made)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    write_tables(tmp_path)
    results = tmp_path / "results"
    targets = ["scores/val/nearest.csv", "ensemble/votes/val-000.parquet", "ensemble/choice.csv"]
    done = snakemake(project, tmp_path, *command, *(f"results/{name}" for name in targets))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    states = tables.read(results / "states/nearest/val-000.parquet", tables.STATES)
    parses = tables.read(results / "parses/nearest/val-000.parquet", tables.PARSES)
    assert len(parses[parses["part"] != PERSON]) == len(states) > 0
    votes = tables.read(results / "ensemble/votes/val-000.parquet", tables.VOTES)
    assert set(votes["ballots"]) == {2}
    psc = {m: pd.read_csv(results / f"scores/val/{m}.csv")["psc"] for m in ("nearest", "category")}
    assert 0.2 < psc["nearest"].mean() < 1  # the boxes are true; a guess among the states has .05
    assert "nearest" in set(pd.read_csv(results / "ensemble/choice.csv")["method"])
