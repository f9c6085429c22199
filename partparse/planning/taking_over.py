"""What a run has made, taken over into the folder of another one, so that it is not made again.

Snakemake keeps beside the results of a run what each was made by: settings, inputs, versions. With
both in a new folder, it makes again what other settings ask for, and nothing else.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from partparse.errors import InputError

_LEFT = {"run.json", "submission", "report", "report.html", "benchmarks"}
"""What a run says of itself when it is finished; the new one says it of itself."""
_RECORDS = ("metadata", "incomplete")
"""Snakemake's: what made each file, and which were being made when a run was cut short."""
_PARTIAL = ".taken-over"
"""Where a call is at work; what one that was cut short has left there, the next removes."""
_TIMESTAMP = ".snakemake_timestamp"  # in folders that are a stage's output


def take_over(results: Path, folder: Path) -> int:
    """Give a new run the results of another one; returns how many files.

    Files are hard links where the file system allows it, and copies elsewhere: stages never change
    a file that is there, but put another one in its place. What jobs of a run at work have half
    done stays behind.

    Args:
        results: the folder `results` of a run, be it finished or not.
        folder: that the new run is made in.

    Raises:
        InputError: the one is no run's, or there are results in the other.
    """
    records = results.parent / ".snakemake"
    if not results.is_dir() or not (results / "dataset").is_dir():
        inner = results / "results"
        meant = f"; did you mean {inner}?" if inner.is_dir() else ""
        raise InputError(f"{results}: expected the folder `results` of a run{meant}")
    if not (records / _RECORDS[0]).is_dir():
        raise InputError(f"{records}: no such folder; expected Snakemake's records of the run")
    for there in (folder / "results", folder / ".snakemake"):
        if there.exists():
            raise InputError(f"{there}: is there already; expected a folder without a run in it")
    work = folder / _PARTIAL
    shutil.rmtree(work, ignore_errors=True)
    (work / "results").mkdir(parents=True)
    for name in _RECORDS:
        # these Snakemake does change in place
        if (records / name).is_dir():
            shutil.copytree(records / name, work / ".snakemake" / name)
    count = 0
    for path in _files(results):
        target = work / "results" / path.relative_to(results)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.name == _TIMESTAMP:
            shutil.copy2(path, target)
            continue
        _link(path, target)
        count += 1
    for made in (".snakemake", "results"):
        (work / made).rename(folder / made)
    work.rmdir()
    return count


def _files(results: Path) -> Iterator[Path]:
    """All but those in `_LEFT` and hidden ones, which are half-done work."""
    for place, below, names in os.walk(results):
        left = _LEFT if Path(place) == results else set()
        below[:] = sorted(name for name in below if name not in left and name[0] != ".")
        for name in sorted(names):
            if name not in left and (name[0] != "." or name == _TIMESTAMP):
                yield Path(place) / name


def _link(path: Path, target: Path) -> None:
    try:
        target.hardlink_to(path)
    except OSError:  # another file system, or one without such links
        shutil.copy2(path, target)
