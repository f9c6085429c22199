"""Folders that long jobs make in one piece, and what a killed job leaves beside them."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from partparse.files.atomic import atomic_folder, write_text
from partparse.running.cache_key import cache_key


def work_path(out: Path) -> Path:
    """The folder beside `out` in which `out` is made."""
    return out.with_name(f".{out.name}.training")


def prepare_work(out: Path, key: str) -> Path:
    """`work_path(out)`, with what a killed job left there if it had the same `key`."""
    work = work_path(out)
    record = work / "run.txt"
    if not record.is_file() or record.read_text(encoding="utf-8") != key:
        shutil.rmtree(work, ignore_errors=True)
        write_text(record, key)
    return work


@contextmanager
def resumable_folder(out: Path, made_from: Mapping[str, Any]) -> Iterator[tuple[Path, Path]]:
    """Yield an empty folder that becomes `out` if the block ends well, and a work folder.

    The work folder holds what a killed job with the same `made_from` left there; it is removed
    once `out` is in its place.

    Args:
        out: the folder to make.
        made_from: all that the result depends on (see `cache_key`).
    """
    work = prepare_work(out, cache_key(made_from))
    with atomic_folder(out) as folder:
        yield folder, work
    shutil.rmtree(work)
