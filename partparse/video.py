"""The cache of extracted frames: `CACHE/VIDEO/img_%05d.jpg`, from 1, in original resolution.

A video's folder appears in one piece and holds a record of what it was made from: a killed job
goes on with the next video, and what changed (source, setting, version) is extracted again.
"""

import multiprocessing
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from partparse import tables
from partparse.cache_key import cache_key
from partparse.decoding import Faults, Picture, decode
from partparse.errors import InputError
from partparse.files import read_json, write_json
from partparse.layout import frame_number, is_safe_name, source_of
from partparse.program import progress

RECORD = "extracted.json"


@dataclass(frozen=True)
class FrameSettings:
    """How frames are written."""

    jpeg_quality: int = 95  # 0 to 100, OpenCV's scale

    def __post_init__(self) -> None:
        """Raise InputError for a quality that is none."""
        if not 0 <= self.jpeg_quality <= 100:
            raise InputError(f"jpeg_quality is {self.jpeg_quality}; expected 0 to 100")


@dataclass(frozen=True)
class Extracted:
    """What decoding a video gave."""

    frames: int  # pictures in the cache, numbered from 1 without a gap
    width: int  # 0 where no frame decodes
    height: int
    problem: str | None  # what the decoder had to say
    source: str  # digest of what the pictures were made from: video, settings, version


@lru_cache(maxsize=4096)
def video_folder(cache: Path, video: str) -> Path:
    """Where a video's frames lie. Raises InputError for an id that could leave the cache."""
    if not is_safe_name(video):
        raise InputError(f"{video!a}: not a video id; expected a name that is no path")
    return Path(cache) / video


def frame_path(cache: Path, video: str, number: int) -> Path:
    """The picture of frame `number` (from 1) of a video."""
    return video_folder(cache, video) / f"img_{number:05d}.jpg"


def read_frame(cache: Path, video: str, number: int) -> Picture:
    """One frame, (H, W, 3) uint8 RGB. Raises InputError where it is not in the cache."""
    path = frame_path(cache, video, number)
    try:
        data = np.fromfile(path, np.uint8)
    except OSError:
        raise InputError(f"{path}: no such frame; extract the frames again") from None
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB) if data.size else None
    if picture is None:
        raise InputError(f"{path}: not a readable picture; extract the frames again")
    return picture


def extract_video(
    source: Path, cache: Path, video: str, settings: FrameSettings, version: int
) -> Extracted:
    """Write all frames of a video into the cache, unless they are there already.

    `source` is a video file or a folder of pictures; `version` that of this code: pictures of
    another are made again. What the video holds never raises: what decodes is written, and
    `problem` says what does not; such a video is tried again each time. Raises InputError where
    there is no source, and OSError for a disk that is full.
    """
    folder = video_folder(cache, video)
    if not source.exists():
        raise InputError(f"{source}: no such video; list the data set's videos again")
    made_from = cache_key({"version": version, "source": source_of(source), "settings": settings})
    if (done := _read_record(folder)) is not None and done.source == made_from:
        return done
    work = folder.with_name(f".extracting-{video}")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    result = Extracted(*_write_frames(source, work, settings), made_from)
    write_json(work / RECORD, asdict(result))
    if folder.exists():
        shutil.rmtree(folder)
    work.rename(folder)
    return result


def _write_frames(
    source: Path, folder: Path, settings: FrameSettings
) -> tuple[int, int, int, str | None]:
    """Number, width and height of the pictures, and the problem."""
    faults = Faults()
    number = width = height = 0
    quality = [cv2.IMWRITE_JPEG_QUALITY, settings.jpeg_quality]
    for number, picture in enumerate(decode(source, faults), start=1):
        height, width = picture.shape[:2]
        encoded = cv2.imencode(".jpg", picture, quality)[1]
        (folder / f"img_{number:05d}.jpg").write_bytes(encoded.tobytes())
    return number, width, height, faults.describe()


def _read_record(folder: Path) -> Extracted | None:
    """What the folder was made from, if all of it is still there and was without a problem."""
    try:
        result = Extracted(**read_json(folder / RECORD))
    except (InputError, TypeError):
        return None
    pictures = sum(frame_number(path.name, "jpg") is not None for path in folder.iterdir())
    return result if result.problem is None and result.frames == pictures else None


def extract_shard(
    videos: pd.DataFrame,
    root: Path,
    cache: Path,
    settings: FrameSettings,
    *,
    version: int,
    workers: int,
) -> pd.DataFrame:
    """Extract every video of a VIDEOS table, `workers` at a time; the FRAMES table.

    Its `source` changes whenever the pictures may have changed: what is made from them is then
    made again, though counts and sizes are the same. Raises InputError for a path that leaves
    the root.
    """
    jobs = [
        (_inside(root, path), cache, video, settings, version)
        for video, path in videos[["video", "path"]].itertuples(index=False)
    ]
    results = list(progress(_run(jobs, workers), "frames of videos", len(jobs)))
    rows = pd.DataFrame(
        [asdict(result) for result in results],
        columns=["frames", "width", "height", "problem", "source"],
        index=videos.index,
    )
    rows = rows.assign(video=videos["video"], fps=videos["fps"], expected=videos["frames"])
    rows["problem"] = pd.Series(
        list(map(describe_problem, results, rows["expected"])), index=videos.index, dtype="str"
    )
    return tables.FRAMES.validate(rows[list(tables.FRAMES.columns)])


def describe_problem(result: Extracted, expected: Any) -> str | None:
    """What is wrong with a video's frames: their count first; None where nothing is."""
    said = []
    if result.frames == 0:
        said.append("no frame decodes")
    if not pd.isna(expected) and expected != result.frames:
        said.append(f"{result.frames} frames decode, {expected} expected")
    if result.problem:
        said.append(result.problem)
    return "; ".join(said) or None


_Job = tuple[Path, Path, str, FrameSettings, int]
"""The arguments of `extract_video`."""


def _inside(root: Path, path: str) -> Path:
    if not all(is_safe_name(part) for part in path.split("/")):
        raise InputError(f"{path!a}: not a path of a video; expected one below the data set's root")
    return root / path


def _extract(job: _Job) -> Extracted:
    return extract_video(*job)


def _run(jobs: Sequence[_Job], workers: int) -> Iterator[Extracted]:
    if workers <= 1 or len(jobs) <= 1:
        yield from map(_extract, jobs)
        return
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(
        min(workers, len(jobs)), context, initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        yield from pool.map(_extract, jobs)
