"""How fast annotations are read, against a loop that only reads the same files."""

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.made_up.dataset import SIZE
from partparse.dataset.annotation import read_video
from partparse.dataset.lists import read_vocabulary
from partparse.vocabulary import Vocabulary

Work = Callable[[Path], object]


@dataclass(frozen=True)
class Rate:
    """How fast some processes together went through files."""

    what: str
    processes: int
    files: int
    seconds: float
    """By the clock."""
    cpu: float
    """Seconds, of all processes."""


def measure_reading(root: Path) -> list[Rate]:
    """Read all annotations of a data set plainly and by partparse, by one process and by two.

    All are read once before, so that they come from memory; what is measured is the second time.
    """
    folders = sorted(path for path in (root / "train_annotations").glob("*/*"))
    ways: dict[str, Work] = {
        "open and read alone": read_plainly,
        "partparse": partial(read_ours, read_vocabulary(root)),
    }
    _measure(read_plainly, "first", folders, 1)
    return [_measure(work, what, folders, n) for n in (1, 2) for what, work in ways.items()]


def read_plainly(folder: Path) -> None:
    """Open and read every file, and do nothing with it."""
    for name in sorted(os.listdir(folder)):  # noqa: PTH208 (as fast as can be)
        with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123
            file.read()


def read_ours(vocabulary: Vocabulary, folder: Path) -> None:
    """Read them to rows, with all checks."""
    read_video(folder, vocabulary, SIZE)


def _measure(work: Work, what: str, folders: Sequence[Path], processes: int) -> Rate:
    files = sum(len(os.listdir(folder)) for folder in folders)  # noqa: PTH208
    with multiprocessing.Pool(processes) as pool:
        start = time.perf_counter()
        cpu = pool.starmap(_time, [(work, folders[n::processes]) for n in range(processes)])
        seconds = time.perf_counter() - start
    return Rate(what, processes, files, seconds, sum(cpu))


def _time(work: Work, folders: Sequence[Path]) -> float:
    start = time.process_time()
    for folder in folders:
        work(folder)
    return time.process_time() - start
