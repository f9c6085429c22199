"""The record of a run follows from its data, settings and code, and from nothing else."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from partparse import tables
from partparse.dataset.lists import read_vocabulary
from partparse.dataset.splits import plan_shards
from partparse.dataset.tables import read_dataset
from partparse.files.weights import digest
from partparse.frames.names import size_of
from partparse.planning.checkout import commit_of, is_changed
from partparse.report import provenance
from tests.samples.git import commit_file, git
from tests.samples.tiny import write_data_set


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_data_set(tmp_path / "data")


def fingerprint_of(root: Path, shards: int = 1, val_share: float = 0.5) -> str:
    """As the workflow does it: from the tables of all shards."""
    vocabulary = read_vocabulary(root)
    vocabulary.write(root.parent / "vocabulary.json")
    counts = {"train": shards, "val": 1, "test": 1}
    plan = plan_shards(root, val_share, 0, counts).values()
    found = [read_dataset(root, files, vocabulary) for files in plan]
    videos, *labels = (pd.concat(shard) for shard in zip(*found, strict=True))
    return provenance.fingerprint(root, videos, labels, root.parent / "vocabulary.json")


def test_a_fingerprint_is_that_of_the_data(root: Path) -> None:
    before = fingerprint_of(root)
    assert fingerprint_of(root, shards=3) == before
    assert fingerprint_of(root, val_share=0.0) == before
    moved = root.parent / "elsewhere" / "data"
    shutil.copytree(root, moved, copy_function=shutil.copyfile)  # other times
    assert fingerprint_of(moved) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "train_videos/run/r1.mp4").rename(root / "train_videos/run/r3.mp4"),
        lambda root: (root / "test_videos/jump/t1.mp4").write_bytes(b"another"),
        lambda root: (root / "list/part_stat.txt").write_text("bend\nnone\n"),
        lambda root: (root / "test_annotations/jump/t1/img_00008.json").unlink(),
        lambda root: (root / "train_annotations/run/r1/img_00001.json").write_text(
            '{"humans": [], "objects": [{"name": "bar", "box": [1, 2, 3, 4]}]}'
        ),
    ],
)
def test_a_fingerprint_changes_with_the_data(root: Path, change) -> None:
    before = fingerprint_of(root)
    change(root)
    assert fingerprint_of(root) != before


def test_a_folder_of_pictures_has_the_size_of_its_pictures(tmp_path: Path) -> None:
    for name in ("img_00001.jpg", "img_00002.jpg", "notes.txt"):
        (tmp_path / name).write_bytes(b"12345")
    assert size_of(tmp_path) == 10


def test_the_machines_folders_are_left_out_of_settings() -> None:
    settings = {"root": "/home/me/sets/mine", "weights": ["../w.pth", "/w/a.pth"], "share": 0.5}
    expected = {"root": "mine", "weights": ["../w.pth", "a.pth"], "share": 0.5}
    assert provenance.portable(settings) == expected


def test_every_seed_is_named() -> None:
    settings = {"seed": 1, "a": {"train": {"seed": 2, "seeds": 3}, "seed": 4}}
    assert provenance.seeds(settings) == {"seed": 1, "a.train.seed": 2, "a.seed": 4}


def test_versions_are_those_installed() -> None:
    versions = provenance.versions()
    assert str(versions["torch"]).startswith("2.")
    assert str(versions["python"]).startswith("3.")
    assert "mmpose" in versions


def test_the_commit_of_a_checkout(tmp_path: Path) -> None:
    (tmp_path / "Snakefile").write_text("rule all:\n")
    assert commit_of(tmp_path) is None  # not git's
    git(tmp_path, "init")
    assert commit_of(tmp_path) is None  # unpacked within somebody's repository
    commit_file(tmp_path / "Snakefile")
    first = commit_of(tmp_path)
    assert first is not None
    assert len(first) == 40
    (tmp_path / "my.yaml").write_text("dataset: {}\n")
    assert not is_changed(tmp_path)
    (tmp_path / "Snakefile").write_text("rule none:\n")
    assert is_changed(tmp_path)
    git(tmp_path, "commit", "-am", "none")
    assert commit_of(tmp_path) not in {None, first}


def test_without_git_there_is_no_commit(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit_of(repository) is None
    assert not is_changed(repository)


def test_a_run_is_recorded(root: Path, tmp_path: Path, run_script) -> None:
    vocabulary = read_vocabulary(root)
    vocabulary.write(tmp_path / "vocabulary.json")
    plan = plan_shards(root, 0.5, 0, {"train": 1, "val": 1, "test": 1})
    options = [f"--root={root}", f"--vocabulary={tmp_path}/vocabulary.json"]
    for name in ("videos", "annotations", "objects", "truth"):
        options.append(f"--{name}")
        for shard, files in plan.items():
            path = tmp_path / name / f"{shard}.parquet"
            table = getattr(read_dataset(root, files, vocabulary), name)
            tables.write(table, path, getattr(tables, name.upper()))
            options.append(str(path))
    (tmp_path / "scores.csv").write_text(
        "split,method,videos,score\nval,vote,2,0.25\ntest,vote,1,0.5\ntest,NA,1,0.125\n"
    )
    (tmp_path / "submission.zip").write_bytes(b"PK")
    options += [f"--submission={tmp_path}/submission.zip", f"--scores={tmp_path}/scores.csv"]
    config = {"dataset": {"root": str(root), "seed": 7}}
    run_script(
        "record_run.py", *options, "--config", json.dumps(config), f"--out={tmp_path}/1.json"
    )
    first = json.loads((tmp_path / "1.json").read_text())
    assert first["data_set"]["fingerprint"] == fingerprint_of(root)
    assert first["data_set"]["videos"] == {"train": 2, "val": 2, "test": 1}
    assert first["config"] == {"dataset": {"root": "data", "seed": 7}}
    assert first["seeds"] == {"dataset.seed": 7}
    assert first["code"] == {"commit": None, "changed": None}
    assert first["submission"] == {"submission.zip": digest(tmp_path / "submission.zip")}
    assert first["scores"] == {"val": {"vote": 0.25}, "test": {"NA": 0.125, "vote": 0.5}}
    assert str(tmp_path) not in (tmp_path / "1.json").read_text()
