"""Names of frames and videos, and what tells a video from a later one in its place.

Nothing heavy is imported: the workflow asks for every video when it is parsed.
"""

import hashlib
import os
import re
from pathlib import Path

from partparse.errors import InputError

MAX_FRAMES = 1_000_000
"""Frames of a video at most (nine hours): what claims to have more is not believed."""
_FRAME_NAME = re.compile(r"img_(\d{5,7})\.(jpg|json)")


def frame_number(name: str, kind: str) -> int | None:
    """The number in `img_00001.jpg` or `.json` (`kind` without the dot); None for other names."""
    match = _FRAME_NAME.fullmatch(name)
    if match is None or match[2] != kind:
        return None
    number = int(match[1])
    return number if 0 < number <= MAX_FRAMES and f"{number:05d}" == match[1] else None


def refuse_zero(folder: Path, kind: str) -> None:
    """Raise InputError where a folder's frames are numbered from 0."""
    for digits in (5, 6, 7):
        if (first := folder / f"img_{0:0{digits}d}.{kind}").exists():
            raise InputError(
                f"{first}: frames are numbered from 0; expected from 1: rename all of the folder"
            )


def is_safe_name(name: str) -> bool:
    """Whether a name can be one component of a path, in a table and in a log line."""
    return name.isprintable() and name not in {"", ".", ".."} and not set("/\\") & set(name)


def is_table_name(name: str) -> bool:
    """Whether a video's folder of pictures would be called as a shard's table beside it may be."""
    return name.removesuffix(".damaged").endswith(".parquet")


def source_of(path: Path) -> str:
    """What changes with a file: its size and time; a digest of all of them for a folder of jpgs."""
    if not path.is_dir():
        status = path.stat()
        return f"{status.st_size} {status.st_mtime_ns}"
    states = _pictures(path)
    lines = (f"{name} {states[name].st_size} {states[name].st_mtime_ns}" for name in sorted(states))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def size_of(path: Path) -> int:
    """Bytes of a video: of its file, or of all jpgs in its folder."""
    if not path.is_dir():
        return path.stat().st_size
    return sum(state.st_size for state in _pictures(path).values())


def _pictures(folder: Path) -> dict[str, os.stat_result]:
    with os.scandir(folder) as found:
        return {e.name: e.stat() for e in found if frame_number(e.name, "jpg") is not None}
