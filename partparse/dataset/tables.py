"""From the data set on disk to tables: videos, annotations, objects, and the known actions."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pandera.pandas as pa

from partparse import tables
from partparse.dataset.annotation import (
    ObjectRows,
    PersonRows,
    VideoAnnotations,
    json_path,
    read_video,
)
from partparse.dataset.frame_check import Size
from partparse.dataset.layout import VideoFile, find_annotations, known_action
from partparse.dataset.lists import frame_list, read_frame_counts
from partparse.frames.decoding import VideoInfo, probe_or_report
from partparse.running.program import progress
from partparse.vocabulary import Vocabulary

log = logging.getLogger("partparse")


class Dataset(NamedTuple):
    """The tables of a shard; their schemas are those of the same names in `tables`."""

    videos: pd.DataFrame
    annotations: pd.DataFrame
    objects: pd.DataFrame
    truth: pd.DataFrame


@dataclass(frozen=True)
class _Video:
    file: VideoFile
    info: VideoInfo | None  # None where it can't be opened
    frames: int | None
    found: VideoAnnotations | None  # None where it is not annotated


def read_dataset(
    root: Path,
    files: Sequence[VideoFile],
    vocabulary: Vocabulary,
    *,
    stop_on_fault: bool = False,
) -> Dataset:
    """Read the videos `files` of the data set at `root`.

    A video that can't be opened stays in the table, with null for what is not known; `frames` is
    flist's count, else (and for all where there is no flist) the container's. Annotations may name
    frames that do not decode: join them with the frames table before pictures are read. Boxes that
    stick out of the picture are clipped. Raises InputError for annotations that are wrong, see
    `annotation.read_video`; for `stop_on_fault`, see `reason_to_leave_out`.
    """
    lists = {path: read_frame_counts(path) for path in {frame_list(root, f.split) for f in files}}
    videos = [
        _read(root, file, lists[frame_list(root, file.split)], vocabulary, stop_on_fault)
        for file in progress(files, "annotations of videos")
    ]
    actions = {file.video: known_action(root, file) for file in files}
    truth = pd.DataFrame(actions.items(), columns=["video", "action"], dtype="str").dropna()
    found = [(video.file.video, video.found) for video in videos if video.found]
    persons = [(video, annotated.persons) for video, annotated in found]
    objects = [(video, annotated.objects) for video, annotated in found]
    return Dataset(
        _videos_table(videos),
        _rows_table(persons, tables.ANNOTATIONS, "person", ["part", "state"]),
        _rows_table(objects, tables.OBJECTS, "object", ["name"]),
        tables.checked(truth, tables.TRUTH),
    )


def _read(
    root: Path,
    file: VideoFile,
    counts: Mapping[str, int],
    vocabulary: Vocabulary,
    stop_on_fault: bool,
) -> _Video:
    listed = counts.get(file.video)
    info = probe_or_report(root / file.path, log.warning, stop_on_fault=stop_on_fault)
    if counts and listed is None:
        log.warning("%s: not in %s", file.path, frame_list(root, file.split).name)
    size = (info.width, info.height) if info else None
    folder = find_annotations(root, file)
    return _Video(
        file,
        info,
        frames=info.frames if info and listed is None else listed,
        found=_read_annotations(folder, vocabulary, size) if folder else None,
    )


def _read_annotations(folder: Path, vocabulary: Vocabulary, size: Size | None) -> VideoAnnotations:
    found = read_video(folder, vocabulary, size)
    if len(found.clipped):
        log.warning(
            "%s: %d boxes of this video stick out of the picture and were clipped",
            json_path(folder, int(found.clipped.min())),
            len(found.clipped),
        )
    return found


def _videos_table(videos: Sequence[_Video]) -> pd.DataFrame:
    rows = [
        (
            video.file.video,
            video.file.split,
            None if video.file.split == "test" else video.file.action,
            video.file.path,
            video.file.source,
            video.frames,
            *(
                (video.info.width, video.info.height, video.info.fps)
                if video.info
                else (None, None, None)
            ),
        )
        for video in videos
    ]
    return tables.checked(pd.DataFrame(rows, columns=list(tables.VIDEOS.columns)), tables.VIDEOS)


def _rows_table(
    found: Sequence[tuple[str, PersonRows | ObjectRows]],
    schema: pa.DataFrameSchema,
    number: str,
    names: Sequence[str],
) -> pd.DataFrame:
    """The table of what was read of each video; `number` and `names` are fields of its rows."""
    found = [(video, rows) for video, rows in found if len(rows.frame)]
    if not found:
        return tables.empty(schema)
    box = np.concatenate([rows.box for _, rows in found])
    table = pd.DataFrame(
        {
            "video": np.repeat([video for video, _ in found], [len(r.frame) for _, r in found]),
            "frame": np.concatenate([rows.frame for _, rows in found]),
            number: np.concatenate([getattr(rows, number) for _, rows in found]),
            **{name: [x for _, rows in found for x in getattr(rows, name)] for name in names},
            **dict(zip(tables.BOX, box.T, strict=True)),
        }
    )
    return tables.checked(table[list(schema.columns)], schema)
