"""What reads annotations in `fast_reading.py`: ours, and the least that any reader does."""

import os
from collections.abc import Iterator
from pathlib import Path

import orjson
from made_up_dataset import SIZE

from partparse.annotation import read_video
from partparse.lists import read_vocabulary


def read_ours(root: str, files: str) -> None:
    """Read videos to rows, with all checks."""
    vocabulary = read_vocabulary(Path(root))
    for folder in folders_of(Path(root), int(files)):
        read_video(folder, vocabulary, SIZE)


def parse_alone(root: str, files: str) -> None:
    """Parse the same files and look at nothing of them."""
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
