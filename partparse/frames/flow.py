"""The optical flow of videos and its cache: `CACHE/VIDEO/img_%05d.jpg`, from 1, as frames have it.

Picture i tells how the points of frame i have moved in frame i + 1; the last frame, which has
none after it, repeats the flow of the frame before. Quantised as by Simonyan & Zisserman,
"Two-Stream Convolutional Networks for Action Recognition in Videos", NIPS 2014: clipped to
± `bound` pixels and written in 8 bits. Level 128 is rest and 1 to 255 are used, so that the
negative of level q is 256 - q, and mirroring twice gives back the same flow.

The two components lie in one grey JPEG, x above y. Measured on real clips at 256 pixels, quality
95 changes a component by .04 levels on average and by 5 at most (a level is .16 pixels), takes 9
KB a frame where PNG, which is exact, takes 17, and is read in a quarter of the time.
"""

import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse import tables
from partparse.augment import Pictures
from partparse.boxes import Floats
from partparse.errors import InputError
from partparse.frames.cache import read_frame, tabulate_extracted
from partparse.frames.picture_cache import (
    Extracted,
    Written,
    fill_folder,
    picture_name,
    picture_path,
    read_picture,
    video_folder,
)
from partparse.frames.settings import FlowSettings
from partparse.running.arguments import Frames
from partparse.running.processes import side_by_side
from partparse.running.program import progress
from partparse.running.resuming import cache_key

log = logging.getLogger("partparse")

REST = 128  # the level of a component that is 0
_STEPS = 127  # levels on each side of it


def quantise(flow: Floats, bound: float) -> Pictures:
    """Flow in pixels as levels 1 to 255; what is beyond ± `bound` is clipped."""
    levels = np.rint(np.clip(flow / bound, -1, 1) * _STEPS)
    return (REST + levels).astype(np.uint8)


def restore(levels: Pictures, bound: float) -> NDArray[np.float32]:
    """Flow in pixels from its levels."""
    return (levels.astype(np.float32) - REST) * np.float32(bound / _STEPS)


def mirror_flow(levels: Pictures) -> Pictures:
    """Quantised flow (..., H, W, 2) of the mirrored frames: flipped, and x goes the other way."""
    flipped = levels[..., ::-1, :].copy()
    flipped[..., 0] = -flipped[..., 0]  # 256 - level, in 8 bits
    return flipped


def read_flow(cache: Path, video: str, number: int) -> Pictures:
    """Quantised flow (H, W, 2) from frame `number` to the next.

    Raises InputError where it is not in the cache or damaged.
    """
    path = picture_path(cache, video, number)
    both = read_picture(path, cv2.IMREAD_GRAYSCALE, "flow")
    if len(both) % 2:
        raise InputError(f"{path}: not a picture of flow; extract it again")
    # JPEG may have made a 0 of a level near it, which has no negative
    return np.maximum(np.stack(np.split(both, 2), axis=-1), 1)


class VideoFrames(NamedTuple):
    """The extracted frames of a video."""

    cache: Path
    video: str
    length: int
    source: str  # what they were made from


def extract_flow(
    frames: VideoFrames,
    cache: Path,
    settings: FlowSettings,
    version: int,
    stop_on_fault: bool = False,
) -> Extracted:
    """Write the flow of a video's frames into `cache`, unless it is there already.

    `version` is that of this code: flow of another is made again. A frame that can't be read ends
    the video's flow and is its `problem`, which is tried again each time. What else is raised
    leaves the video without flow, see `fill_folder` for `stop_on_fault`.
    """
    facts = {"source": frames.source, "frames": frames.length}
    made_from = cache_key({"version": version, "settings": settings, **facts})

    def write(folder: Path) -> Written:
        number = width = height = 0
        problem = None
        quality = [cv2.IMWRITE_JPEG_QUALITY, settings.jpeg_quality]
        try:
            for number, flow in enumerate(_measure(frames, settings), start=1):
                height, width = flow.shape[:2]
                both = np.concatenate([flow[..., 0], flow[..., 1]])
                encoded = cv2.imencode(".jpg", both, quality)[1]
                (folder / picture_name(number)).write_bytes(encoded.tobytes())
        except InputError as error:
            problem = str(error)
        return Written(number, width, height, problem, [])

    folder = video_folder(cache, frames.video)
    return fill_folder(folder, made_from, write, stop_on_fault=stop_on_fault)


def _measure(frames: VideoFrames, settings: FlowSettings) -> Iterator[Pictures]:
    """The quantised flow from each frame to the next."""
    method = cv2.DISOpticalFlow_create(
        getattr(cv2, f"DISOPTICAL_FLOW_PRESET_{settings.preset.upper()}")
    )
    before: Pictures | None = None
    flow: Pictures | None = None
    for number in range(1, frames.length + 1):
        grey = _small_grey(read_frame(frames.cache, frames.video, number), settings.frame_side)
        if before is not None:
            if before.shape != grey.shape:
                grey = cv2.resize(grey, before.shape[::-1], interpolation=cv2.INTER_AREA)
            flow = quantise(method.calc(before, grey, None), settings.bound)
            yield flow
        before = grey
    if before is not None:
        yield flow if flow is not None else np.full((*before.shape, 2), REST, np.uint8)


def _small_grey(picture: Pictures, side: int) -> Pictures:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    factor = side / min(grey.shape)
    width, height = (max(1, round(pixels * factor)) for pixels in grey.shape[::-1])
    return cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)


def extract_shard(
    frames: Frames,
    cache: Path,
    settings: FlowSettings,
    *,
    version: int,
    workers: int,
    stop_on_fault: bool = False,
) -> pd.DataFrame:
    """The FLOW table of extracted frames, `workers` videos at a time.

    `stop_on_fault` is as in `reason_to_leave_out`.
    """
    asked = frames.table[["video", "frames", "source"]]
    jobs = [
        (VideoFrames(frames.cache, video, count, source), cache, settings, version, stop_on_fault)
        for video, count, source in asked.itertuples(index=False)
    ]
    extracted = side_by_side(extract_flow, jobs, workers, partial(cv2.setNumThreads, 1))
    results = list(progress(extracted, "flow of videos", len(jobs)))
    for result in results:
        if result.problem is not None:
            log.warning("flow ends early: %s", result.problem)
    problems = [result.problem for result in results]
    return tabulate_extracted(results, asked[["video"]], problems, tables.FLOW)
