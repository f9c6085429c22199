"""Disks that are full, and files that are damaged after they were written."""

import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.faults.workbench import SUBMISSION, Outcome, Run, expect

_TABLES = 5
_FRAMES = "results/frames/train-000.parquet"


def fill_disk(base: Run, data: Path, folder: Path) -> Outcome:
    """Run out of space among pictures and in the submission; then get more, and run again."""
    fault = "disk full while writing (tmpfs)"
    if os.geteuid() != 0:
        return Outcome(fault, 0, 0, 0.0, "not tried: a file system of its own needs root")
    start = time.monotonic()
    with _small_disk(folder, "400k") as enlarge:
        run = Run(folder / "frames", data)
        _fails_for_space(run, "--", _FRAMES)
        enlarge("64m")
        expect(run.finish("--", _FRAMES) == 0, f"{run.folder}: failed with enough space")
        pictures = sorted((run.folder / "results/frames").glob("*/*.jpg"))
        expect(len(pictures) > 0, f"{run.folder}: no pictures")
        for made in [run.folder / _FRAMES, *pictures]:
            expected = base.folder / made.relative_to(run.folder)
            expect(made.read_bytes() == expected.read_bytes(), f"{made}: another content")
    with _small_disk(folder, "64m") as enlarge:
        run = base.copy(folder / "submission", data)
        (run.folder / SUBMISSION).unlink()
        _fill(folder / "filler")
        _fails_for_space(run, "--", SUBMISSION)
        enlarge("128m")
        expect(run.finish() == 0, f"{run.folder}: failed with enough space")
        expect(run.submission() == base.submission(), f"{run.folder}: another submission")
    return Outcome(fault, 2, 2, time.monotonic() - start)


def _fails_for_space(run: Run, *arguments: str) -> None:
    expect(run.finish(*arguments) != 0, f"{run.folder}: did not fail for want of space")


def _fill(path: Path) -> None:
    """Write a file until no space is left."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


@contextmanager
def _small_disk(folder: Path, size: str) -> Iterator:
    """A tmpfs of `size`; yields what sets another size."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o"]
    subprocess.run([*mount, f"size={size}", "tmpfs", folder], check=True)
    try:
        yield lambda size: subprocess.run(
            ["mount", "-o", f"remount,size={size}", folder], check=True
        )
    finally:
        subprocess.run(["umount", folder], check=True)


def cut_tables(base: Run, data: Path, folder: Path, seed: int) -> Outcome:
    """Cut tables short after the run; the next run makes them again, the same.

    They are the test videos': what follows from train's is the whole run once more.
    """
    start = time.monotonic()
    run = base.copy(folder, data)
    before = run.tables()
    draw = random.Random(seed)
    chosen = draw.sample(sorted(name for name in before if "test-" in name), _TABLES)
    for name in chosen:
        path = run.folder / name
        path.write_bytes(path.read_bytes()[: draw.randrange(path.stat().st_size)])
    expect(run.finish("--", SUBMISSION, *chosen) == 0, f"{run.folder}: failed on damaged tables")
    for name in chosen:
        expect(f"{name}: damaged" in run.said(), f"{name}: the damage was not told")
    expect(run.tables() == before, f"{run.folder}: other tables than before")
    expect(run.submission() == base.submission(), f"{run.folder}: another submission")
    shutil.rmtree(run.folder)
    note = ", ".join(name.removeprefix("results/") for name in chosen)
    return Outcome("a table cut short on disk", _TABLES, _TABLES, time.monotonic() - start, note)
