"""Tables that something cut short after they were written: a full quota, a copy that broke off.

Our own writer leaves a table whole or absent, so the times of files say nothing of such damage, and
a stage would find it hours later.
"""

import os
from collections.abc import Iterator
from pathlib import Path

_MAGIC = b"PAR1"
_LEAST = 12  # bytes: the magic at both ends, the length of the footer
_PICTURES = ("frames", "flow", "demo")
"""Folders whose folders hold pictures or videos: up to millions of files, no tables among them."""


def find_broken(results: Path) -> list[Path]:
    """The Parquet files below `results`, caches of killed jobs included, that are not whole.

    Only the ends of a file are looked at, which is a matter of milliseconds for thousands.
    """
    return sorted(path for path in _tables(results) if not _is_whole(path))


def _tables(results: Path) -> Iterator[Path]:
    for folder, below, names in os.walk(results):
        if Path(folder).parent == results and Path(folder).name in _PICTURES:
            below.clear()
        yield from (Path(folder) / name for name in names if name.endswith(".parquet"))


def _is_whole(path: Path) -> bool:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < _LEAST:
            return False
        head = file.read(len(_MAGIC))
        file.seek(-len(_MAGIC), os.SEEK_END)
        return head == file.read() == _MAGIC
