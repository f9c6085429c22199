"""What reads annotations in `compare.py`: ours, and the least that any reader does."""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import orjson

from benchmarks.made_up.dataset import SIZE
from benchmarks.reading.plain import read_folders
from partparse.dataset.annotation import read_video
from partparse.dataset.lists import read_vocabulary


def read_ours(root: str, files: str, shards: str) -> None:
    """Read videos to rows, with all checks: shards at once, each by a process of its own."""
    folders = list(folders_of(Path(root), int(files)))
    if int(shards) == 1:
        _read_shard(Path(root), folders)
        return
    parts = [folders[first :: int(shards)] for first in range(int(shards))]
    fork = multiprocessing.get_context("fork")
    with fork.Pool(int(shards)) as pool:
        pool.map(partial(_read_shard, Path(root)), parts, chunksize=1)


def _read_shard(root: Path, folders: Sequence[Path]) -> None:
    vocabulary = read_vocabulary(root)
    for folder in folders:
        read_video(folder, vocabulary, SIZE)


def read_plainly(root: str, files: str, shards: str) -> None:
    """The reference, in one process."""
    del shards
    read_folders(root, files)


def parse_alone(root: str, files: str, shards: str) -> None:
    """Parse the same files and look at nothing of them."""
    del shards
    for folder in folders_of(Path(root), int(files)):
        for name in sorted(os.listdir(folder)):  # noqa: PTH208 (as fast as can be)
            with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123
                orjson.loads(file.read())


def folders_of(root: Path, files: int) -> Iterator[Path]:
    """The first videos that have about so many files."""
    for folder in sorted((root / "train_annotations").glob("*/*")):
        if files <= 0:
            return
        files -= len(os.listdir(folder))  # noqa: PTH208
        yield folder
