"""The videos that are to be parsed."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from partparse.dataset.layout import SUFFIXES
from partparse.errors import InputError, Report, refuse
from partparse.frames.decoding import probe_or_report
from partparse.frames.names import is_safe_name, is_table_name, source_of

_URL = re.compile("[a-z][a-z0-9+.-]+:/", re.IGNORECASE)  # a path holds one slash in place of two
_PICTURE = re.compile(r"img_\d+\.jpg")
_VIDEOS = (*SUFFIXES, ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ts", ".mts")
"""What is a video in a folder; a file that is named may have any suffix."""


@dataclass(frozen=True)
class Video:
    """A video that decodes."""

    name: str  # the file's name without the suffix; safe as a part of a path
    path: Path  # absolute
    source: str  # tells it from a later file of the same path, see `layout.source_of`
    frames: int | None  # as its container says
    fps: float | None  # likewise


def find_videos(paths: Sequence[Path], report: Report = refuse) -> list[Video]:
    """The videos at some paths; the same path twice is one, and a folder may hold any number.

    Hands `report` a message for each that does not decode or has a name that can't be a file's in
    the folder of the parses, and leaves it out. Raises InputError where two have the same name.
    """
    found = chain.from_iterable(_unfold(path, report) for path in paths)
    unique = list(dict.fromkeys(Path(os.path.abspath(path)) for path in found))  # noqa: PTH100 (links stay)
    first: dict[str, Path] = {}
    for path in unique:
        other = first.setdefault(_name(path), path)
        if other is not path:
            raise InputError(
                f"{path}: the name {_name(path)!r} is taken by {other}; expected names that are "
                "unique, as the parses are called after them"
            )
    return [video for path in unique if (video := _look_at(path, report))]


def _unfold(path: Path, report: Report) -> list[Path]:
    """A video itself, or those that lie in a folder that is none."""
    if _URL.match(str(path)):
        report(f"{path}: an address; expected a file, so download it first")
        return []
    inside = sorted(path.iterdir()) if path.is_dir() else []
    if not path.is_dir() or any(_PICTURE.fullmatch(one.name) for one in inside):
        return [path]
    videos = [one for one in inside if one.suffix.lower() in _VIDEOS]
    if not videos:
        report(f"{path}: no video in it; expected {', '.join(SUFFIXES)}, …, or img_00001.jpg, …")
    return videos


def _name(path: Path) -> str:
    return path.name if path.is_dir() else path.stem


def _look_at(path: Path, report: Report) -> Video | None:
    name = _name(path)
    try:
        if not path.exists():
            raise InputError(f"{path}: no such video")
        if not is_safe_name(name) or name.startswith(".") or is_table_name(name):
            raise InputError(
                f"{path}: the name {name!a}; expected printable characters, no backslash, no dot "
                "at the start, and no .parquet at the end"
            )
        info = probe_or_report(path, report)
        return Video(name, path, source_of(path), info.frames, info.fps) if info else None
    except (InputError, OSError) as error:
        report(str(error))
        return None
