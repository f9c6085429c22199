"""The cache of extracted frames: `CACHE/VIDEO/img_%05d.jpg`, from 1, in original resolution."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pandera.pandas as pa

from partparse import tables
from partparse.augment import Picture
from partparse.errors import InputError
from partparse.frames.extraction import extract_frames
from partparse.frames.names import is_safe_name, source_of
from partparse.frames.picture_cache import Extracted, picture_path, read_picture, video_folder
from partparse.frames.settings import FrameSettings
from partparse.running.processes import side_by_side
from partparse.running.program import progress
from partparse.running.resuming import cache_key


def read_frame(cache: Path, video: str, number: int) -> Picture:
    """One frame, (H, W, 3) uint8 RGB. Raises InputError where it is not in the cache."""
    return read_picture(picture_path(cache, video, number), cv2.IMREAD_COLOR_RGB, "frame")


def extraction_job(
    source: Path, cache: Path, video: str, settings: FrameSettings, version: int
) -> tuple[Path, Path, FrameSettings, str]:
    """What `extract_frames` is called with for a video, so that its pictures get into the cache.

    The source is a video file or a folder of pictures. What another `version` of this code made is
    made again. Raises InputError where there is no source.
    """
    folder = video_folder(cache, video)
    if not source.exists():
        raise InputError(f"{source}: no such video; list the data set's videos again")
    made_from = cache_key({"version": version, "source": source_of(source), "settings": settings})
    return source, folder, settings, made_from


def extract_shard(
    videos: pd.DataFrame,
    root: Path,
    cache: Path,
    settings: FrameSettings,
    *,
    version: int,
    workers: int,
    stop_on_fault: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Extract every video of a VIDEOS table, `workers` at a time; the FRAMES and TIMES tables.

    A video that extraction fails on has no frames, and the reason as its problem; `stop_on_fault`
    is as in `reason_to_leave_out`.

    `source` changes whenever the pictures may have changed: what is made from them is then
    made again, though counts and sizes are the same. Raises InputError for a path that leaves
    the root.
    """
    jobs = [
        (*extraction_job(_inside(root, path), cache, video, settings, version), stop_on_fault)
        for video, path in videos[["video", "path"]].itertuples(index=False)
    ]
    extracted = side_by_side(extract_frames, jobs, workers, partial(cv2.setNumThreads, 1))
    results = list(progress(extracted, "frames of videos", len(jobs)))
    asked = videos[["video", "fps"]].assign(expected=videos["frames"])
    problems = list(map(_describe_problem, results, asked["expected"]))
    frames = tabulate_extracted(results, asked, problems, tables.FRAMES)
    return frames, _tabulate_times(frames, results)


def _tabulate_times(frames: pd.DataFrame, results: Sequence[Extracted]) -> pd.DataFrame:
    """TIMES of extracted frames."""
    numbers = [np.arange(1, result.frames + 1) for result in results]
    table = {
        "video": frames["video"].repeat(frames["frames"]),
        "frame": np.concatenate([np.empty(0, np.int32), *numbers]),
        "time": np.array([time for result in results for time in result.times], float),
    }
    return tables.checked(pd.DataFrame(table).reset_index(drop=True), tables.TIMES)


def tabulate_extracted(
    results: Sequence[Extracted],
    asked: pd.DataFrame,
    problems: Sequence[str | None],
    schema: pa.DataFrameSchema,
) -> pd.DataFrame:
    """FRAMES or FLOW, as `schema` has it, from what was made of each video that was asked for."""
    made = pd.DataFrame(
        [asdict(result) for result in results],
        columns=["frames", "width", "height", "source"],
        index=asked.index,
    )
    said = pd.Series(problems, index=asked.index, dtype="str")
    return tables.checked(
        pd.concat([asked, made], axis=1).assign(problem=said)[list(schema.columns)], schema
    )


def _describe_problem(result: Extracted, expected: Any) -> str | None:
    """What is wrong with a video's frames: their count first; None where nothing is."""
    said = []
    if result.frames == 0:
        said.append("no frame decodes")
    if not pd.isna(expected) and expected != result.frames:
        said.append(f"{result.frames} frames decode, {expected} expected")
    if result.problem:
        said.append(result.problem)
    return "; ".join(said) or None


def _inside(root: Path, path: str) -> Path:
    if not all(is_safe_name(part) for part in path.split("/")):
        raise InputError(f"{path!a}: not a path of a video; expected one below the data set's root")
    return root / path
