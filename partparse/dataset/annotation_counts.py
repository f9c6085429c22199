"""What is annotated in a data set, counted: some videos at a time, by several processes.

Counts and a few examples are all that is kept, so memory does not grow with the data set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from partparse.dataset.annotation import VideoAnnotations, read_video
from partparse.dataset.label_hints import OBJECT, Hints, find_hints, join_hints
from partparse.dataset.layout import VideoFile, find_annotations, known_action, list_videos
from partparse.errors import InputError, Report
from partparse.frames.decoding import probe_or_report
from partparse.running.processes import side_by_side
from partparse.running.program import progress
from partparse.tables import BOX
from partparse.vocabulary import PARTS, PERSON, Vocabulary

CHUNK = 16  # videos that are counted at a time; some thousand frames
FAULTS = 100  # faults that are kept, to be told
UNKNOWN = "(unknown)"  # the action of test videos whose action is not known

_CLASS = ["split", "action"]


class Counts(NamedTuple):
    """What is annotated."""

    videos: pd.DataFrame
    """split, action; how many: videos, annotated (of the videos), frames (annotated), humans,
    parts, objects."""
    states: pd.DataFrame
    """split, action, part, state; count (annotations), videos (that have any); of the first
    annotation: video, folder (of the file, below the data set), frame, number (of the person)."""
    objects: pd.DataFrame
    """split, action, name, count."""
    hints: Hints
    """Without the rare states, see `partparse.dataset.label_hints.find_rare_states`."""
    faults: tuple[str, ...]
    """The first `FAULTS` of what is wrong, a line each: a frame with a fault is left out, and so is
    a video whose annotations can't be read; the boxes of one that can't be opened are counted."""
    fault_count: int
    """All of these."""


@dataclass(frozen=True)
class _Video:
    file: VideoFile
    action: str
    folder: str  # of its annotations, below the root
    width: float  # NaN where the video can't be opened
    height: float
    found: VideoAnnotations | None


def count_annotations(root: Path, vocabulary: Vocabulary, workers: int) -> Counts:
    """Count what is annotated in the data set at `root`.

    Boxes are taken as they are, not clipped to the picture. `workers` processes read; the counts
    do not depend on how many. Raises InputError where nothing is annotated; other faults are among
    the counts.
    """
    faults: list[str] = []
    files = list_videos(root, faults.append)
    starts = range(0, len(files), CHUNK)
    chunks = [(root, vocabulary, files[start : start + CHUNK]) for start in starts]
    counted = side_by_side(_count_chunk, chunks, workers)
    found = progress(counted, f"chunks of {CHUNK} videos", len(chunks))
    counts = reduce(_join, found) if chunks else None
    if counts is None or not counts.videos["frames"].sum():
        first = f"; {faults[0]}" if faults else ""
        raise InputError(
            f"{root}: nothing is annotated; expected train_annotations/ACTION/VIDEO/img_00001.json"
            + first
        )
    return counts._replace(
        faults=(*faults, *counts.faults)[:FAULTS], fault_count=len(faults) + counts.fault_count
    )


def _count_chunk(root: Path, vocabulary: Vocabulary, files: Sequence[VideoFile]) -> Counts:
    faults: list[str] = []
    read = [_read(root, file, vocabulary, faults.append) for file in files]
    videos, entries = _videos(read), _entries(read)
    return Counts(
        _count_videos(videos, entries),
        _count_states(videos, entries),
        _count_objects(videos, entries),
        find_hints(videos, entries, _empty_frames(read)),
        tuple(faults[:FAULTS]),
        len(faults),
    )


def _read(root: Path, file: VideoFile, vocabulary: Vocabulary, report: Report) -> _Video:
    action, folder, found = file.action or UNKNOWN, None, None
    width = height = np.nan
    try:
        action = known_action(root, file) or UNKNOWN
        folder = find_annotations(root, file)
        if folder is not None:
            found = read_video(folder, vocabulary, None, report)
    except (InputError, OSError) as error:
        report(str(error))
    if found is not None:
        info = probe_or_report(root / file.path, report)
        if info is not None:
            width, height = info.width, info.height
    shown = folder.relative_to(root).as_posix() if folder else ""
    return _Video(file, action, shown, width, height, found)


def _videos(read: Sequence[_Video]) -> pd.DataFrame:
    """A row for each video, in their order."""
    rows = [
        (
            *(video.file.split, video.action, video.file.video, video.folder),
            *(video.width, video.height),
            *(video.found is not None, 0 if video.found is None else len(video.found.frames)),
        )
        for video in read
    ]
    names = [*_CLASS, "video", "folder", "width", "height", "annotated", "frames"]
    return pd.DataFrame(rows, columns=names)


def _entries(read: Sequence[_Video]) -> pd.DataFrame:
    """A row for each person, part and object; columns as in `label_hints.find_hints`."""
    found = [(place, video.found) for place, video in enumerate(read) if video.found]
    persons = [annotations.persons for _, annotations in found]
    objects = [annotations.objects for _, annotations in found]
    part = [name for rows in persons for name in rows.part]
    state = [name for rows in persons for name in rows.state]
    name = [name for rows in objects for name in rows.name]
    own = np.array(part, dtype=object) == PERSON
    # a person's own row stands before those of its parts
    owner = np.maximum.accumulate(np.where(own, np.arange(len(part)), 0))
    places = np.array([place for place, _ in found], np.int64)
    video = [
        np.repeat(places, [len(rows.frame) for rows in persons]),
        np.repeat(places, [len(rows.frame) for rows in objects]),
    ]
    box = [np.zeros((0, 4), np.float32), *(r.box for r in persons), *(r.box for r in objects)]
    return pd.DataFrame(
        {
            "video": np.concatenate(video),
            "frame": _joined([*(r.frame for r in persons), *(r.frame for r in objects)]),
            "number": _joined([*(r.person for r in persons), *(r.object for r in objects)]),
            "part": pd.Categorical([*part, *[OBJECT] * len(name)], [PERSON, *PARTS, OBJECT]),
            "label": pd.Categorical([*state, *name]),
            **dict(zip(BOX, np.concatenate(box).T, strict=True)),
            "owner": np.append(owner, np.full(len(name), -1)).astype(np.int64),
        }
    )


def _joined(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.zeros(0, np.int32), *arrays])


def _empty_frames(read: Sequence[_Video]) -> pd.DataFrame:
    found = [
        pd.DataFrame({"video": place, "frame": np.setdiff1d(v.found.frames, v.found.persons.frame)})
        for place, v in enumerate(read)
        if v.found
    ]
    return pd.concat([pd.DataFrame({"video": [], "frame": []}, dtype=np.int64), *found])


def _count_videos(videos: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    part = entries["part"]
    kinds = {"humans": part == PERSON, "parts": part.isin(PARTS), "objects": part == OBJECT}
    counts = {
        name: np.bincount(entries.loc[rows, "video"], minlength=len(videos))
        for name, rows in kinds.items()
    }
    table = videos.assign(videos=1, **counts)
    names = ["videos", "annotated", "frames", *counts]
    return table.groupby(_CLASS, as_index=False)[names].sum()


def _count_states(videos: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    by_video = _grouped(entries[entries["part"].isin(PARTS)], ["video", "part", "label"]).agg(
        count=("frame", "size"), frame=("frame", "first"), number=("number", "first")
    )
    table = _named(by_video.rename(columns={"label": "state"}), videos).assign(videos=1)
    return _sum_states(table)


def _sum_states(table: pd.DataFrame) -> pd.DataFrame:
    return _grouped(table, [*_CLASS, "part", "state"]).agg(
        {"count": "sum", "videos": "sum"}
        | dict.fromkeys(["video", "folder", "frame", "number"], "first")
    )


def _count_objects(videos: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    by_video = _grouped(entries[entries["part"] == OBJECT], ["video", "label"]).agg(
        count=("frame", "size")
    )
    return _sum_objects(_named(by_video.rename(columns={"label": "name"}), videos))


def _sum_objects(table: pd.DataFrame) -> pd.DataFrame:
    return _grouped(table, [*_CLASS, "name"])[["count"]].sum()


def _grouped(table: pd.DataFrame, keys: list[str]) -> "pd.api.typing.DataFrameGroupBy":
    return table.groupby(keys, as_index=False, observed=True, sort=False)


def _named(table: pd.DataFrame, videos: pd.DataFrame) -> pd.DataFrame:
    """The table with split, action, id and folder in the place of a video's row, and plain text."""
    table = table.join(videos[[*_CLASS, "folder", "video"]].add_prefix("_"), on="video")
    text = {name: table[name].astype(str) for name in table.select_dtypes("category")}
    named = {name: table[f"_{name}"] for name in [*_CLASS, "folder", "video"]}
    return table.assign(**text, **named)


def _join(first: Counts, second: Counts) -> Counts:
    def both(name: str) -> pd.DataFrame:
        return pd.concat([getattr(first, name), getattr(second, name)], ignore_index=True)

    return Counts(
        both("videos").groupby(_CLASS, as_index=False).sum(),
        _sum_states(both("states")),
        _sum_objects(both("objects")),
        join_hints(first.hints, second.hints),
        (first.faults + second.faults)[:FAULTS],
        first.fault_count + second.fault_count,
    )
