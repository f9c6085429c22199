"""What extracts frames in `compare.py`: ours, and what no program can do without."""

import multiprocessing
import os
import shutil
from functools import partial
from multiprocessing import forkserver
from pathlib import Path

import cv2
import pandas as pd

from benchmarks.extraction.plain import extract_all
from benchmarks.side import Work
from partparse.frames.cache import extract_shard
from partparse.frames.decoding import Faults, decode
from partparse.frames.settings import FrameSettings


def extract_ours(root: str, videos: str, quality: str, cores: str) -> Work:
    """Extract the first videos of a folder, as the stage does with so many cores."""
    _use_cores(int(cores))
    names = [path.stem for path in _videos(root, videos)]
    table = pd.DataFrame(
        {"video": names, "path": [f"{name}.mp4" for name in names], "frames": None, "fps": 25.0}
    )
    cache, settings = _empty_folder(root), FrameSettings(jpeg_quality=int(quality))

    def work() -> None:
        extract_shard(table, Path(root), cache, settings, version=1, workers=int(cores))
        # it started the processes, whose CPU seconds count when it ends
        forkserver._forkserver._stop()  # type: ignore[attr-defined]

    return work


def extract_plainly(root: str, videos: str, quality: str, cores: str) -> Work:
    """The reference, with all the threads that OpenCV makes for so many cores."""
    _use_cores(int(cores))
    return partial(extract_all, _videos(root, videos), _empty_folder(root), int(quality))


def decode_and_encode(root: str, videos: str, quality: str, cores: str) -> None:
    """Decode and encode the same pictures, in as many processes, and write nothing."""
    _use_cores(int(cores))
    work = partial(_decode_and_encode, quality=int(quality))
    if cores == "1":
        list(map(work, _videos(root, videos)))
        return
    with multiprocessing.get_context("fork").Pool(int(cores)) as pool:
        pool.map(work, _videos(root, videos), chunksize=1)


def decode_alone(root: str, videos: str) -> None:
    """Decode the same pictures on one core."""
    _use_cores(1)
    for video in _videos(root, videos):
        for _ in decode(video, Faults()):
            pass


def _decode_and_encode(video: Path, quality: int) -> None:
    for picture in decode(video, Faults()):
        cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])


def _use_cores(cores: int) -> None:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    cv2.setNumThreads(1)


def _empty_folder(root: str) -> Path:
    """The one folder for what is extracted, without what another run left there."""
    folder = Path(root) / "frames"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _videos(root: str, videos: str) -> list[Path]:
    return sorted(Path(root).glob("*.mp4"))[: int(videos)]
