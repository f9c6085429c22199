"""Caches of numbered pictures, a folder a video, that killed jobs fill bit by bit.

A video's folder appears in one piece and holds a record of what it was made from: a killed job
goes on with the next video, and what changed (source, setting, version) is made again.
"""

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from partparse.augment import Pictures
from partparse.errors import InputError, SetupError
from partparse.files.atomic import read_json, write_json
from partparse.frames.names import frame_number, is_safe_name
from partparse.running.video_faults import reason_to_leave_out

RECORD = "extracted.json"


class Written(NamedTuple):
    """What was written of a video."""

    frames: int  # pictures in the cache, numbered from 1 without a gap
    width: int  # 0 where there is no picture
    height: int
    problem: str | None  # what went wrong
    times: list[float | None]  # of frames, in seconds after the first; None: not known


@dataclass(frozen=True)
class Extracted:
    """What was made of a video: `Written`, and from what."""

    frames: int
    width: int
    height: int
    problem: str | None
    times: list[float | None]
    source: str  # digest of what the pictures were made from: video, settings, version


@lru_cache(maxsize=4096)
def video_folder(cache: Path, video: str) -> Path:
    """Where a video's pictures lie. Raises InputError for an id that could leave the cache."""
    if not is_safe_name(video):
        raise InputError(f"{video!a}: not a video id; expected a name that is no path")
    return Path(cache) / video


def picture_name(number: int) -> str:
    """The file of picture `number` (from 1) in a video's folder."""
    return f"img_{number:05d}.jpg"


def picture_path(cache: Path, video: str, number: int) -> Path:
    """The picture `number` (from 1) of a video."""
    return video_folder(cache, video) / picture_name(number)


def read_picture(path: Path, mode: int, what: str) -> Pictures:
    """A picture as OpenCV's `mode` has it, (H, W) or (H, W, 3).

    Raises InputError where it does not decode, and SetupError, another InputError, where it is not
    in the cache; `what` says of what it is a picture.
    """
    try:
        data = np.fromfile(path, np.uint8)
    except OSError:
        raise SetupError(f"{path}: no such {what}; extract it again") from None
    picture = cv2.imdecode(data, mode) if data.size else None
    if picture is None:
        raise InputError(f"{path}: not a readable picture; extract it again")
    return picture


def fill_folder(
    folder: Path, made_from: str, write: Callable[[Path], Written], *, stop_on_fault: bool
) -> Extracted:
    """Fill the folder of a video, unless it holds all that was made from the same already.

    Args:
        folder: appears when all is written.
        made_from: digest of all that the pictures depend on.
        write: writes img_00001.jpg, … into the folder it is given. A video with a problem is
            tried again each time. What it raises leaves the video without pictures, with the
            reason as its problem.
        stop_on_fault: see `reason_to_leave_out`, which says what is raised all the same.
    """
    if (done := _read_record(folder)) is not None and done.source == made_from:
        return done
    # a video's name may be as long as a file's can be
    work = folder.with_name(f".extracting-{sha256(folder.name.encode()).hexdigest()[:32]}")
    _empty(work)
    try:
        written = write(work)
    except Exception as error:
        written = Written(0, 0, 0, reason_to_leave_out(error, stop_on_fault=stop_on_fault), [])
        _empty(work)
    result = Extracted(*written, made_from)
    write_json(work / RECORD, asdict(result))
    if folder.exists():
        shutil.rmtree(folder)
    work.rename(folder)
    return result


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _read_record(folder: Path) -> Extracted | None:
    """What the folder was made from, if all of it is still there and was without a problem."""
    try:
        result = Extracted(**read_json(folder / RECORD))
    except (InputError, TypeError):
        return None
    pictures = sum(frame_number(path.name, "jpg") is not None for path in folder.iterdir())
    return result if result.problem is None and result.frames == pictures else None
