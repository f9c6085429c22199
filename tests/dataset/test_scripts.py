import os
import subprocess
import sys
from pathlib import Path

import pytest

from partparse import tables
from tests.samples.tiny import FRAMES, write_data_set


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_data_set(tmp_path / "data")


def run(repository: Path, script: str, **options: object) -> subprocess.CompletedProcess[str]:
    words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    return subprocess.run(
        [sys.executable, repository / "scripts" / script, *words],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(repository)},
    )


def list_shard(repository: Path, root: Path, shard: str) -> subprocess.CompletedProcess[str]:
    out = root.parent / "shard.csv"
    return run(
        repository,
        "list_shard.py",
        root=root,
        shard=shard,
        val_share=0.5,
        seed=0,
        shards=1,
        out=out,
    )


def test_from_a_folder_to_frames(repository: Path, root: Path) -> None:
    out = root.parent
    names = {
        name: out / f"{name}.parquet" for name in ("videos", "annotations", "objects", "truth")
    }
    steps = [
        list_shard(repository, root, "train-000"),
        run(repository, "read_vocabulary.py", root=root, out=out / "vocabulary.json"),
        run(
            repository,
            "read_dataset.py",
            root=root,
            shard_list=out / "shard.csv",
            vocabulary=out / "vocabulary.json",
            **{f"{name}_out": path for name, path in names.items()},
        ),
        run(
            repository,
            "extract_frames.py",
            root=root,
            videos=names["videos"],
            settings='{"jpeg_quality": 90}',
            version=1,
            threads=1,
            frames_out=out / "frames/shard.parquet",
            times_out=out / "times/shard.parquet",
        ),
    ]
    assert [step.returncode for step in steps] == [0] * 4, [step.stderr for step in steps]
    frames = tables.read(out / "frames/shard.parquet", tables.FRAMES)
    assert frames["frames"].tolist() == [FRAMES] * 2
    assert len(list((out / "frames").glob("*/img_*.jpg"))) == 2 * FRAMES
    times = tables.read(out / "times/shard.parquet", tables.TIMES)
    assert times["frame"].tolist() == 2 * list(range(1, FRAMES + 1))
    assert times["time"].tolist() == pytest.approx(2 * [n / 10 for n in range(FRAMES)])


def test_a_fault_ends_a_program_with_one_line(repository: Path, root: Path) -> None:
    ended = list_shard(repository, root, "train-001")
    expected = "error: --shard train-001: expected one of train-000, val-000, test-000\n"
    assert (ended.returncode, ended.stderr) == (1, expected)
    (root / "list/part_stat.txt").unlink()
    ended = run(repository, "read_vocabulary.py", root=root, out=root / "vocabulary.json")
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"error: {root}/list/part_stat.txt: no such file")
    assert not (root / "vocabulary.json").exists()
