"""What is labelled in one video, whichever tool it comes from or goes to.

Boxes are inclusive pixels, xyxy, in hundredths: what the other formats hold of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from partparse import tables
from partparse.boxes import Floats, clip, from_edges, to_edges
from partparse.dataset.annotation import VideoAnnotations, read_video
from partparse.dataset.frame_check import Size, outside
from partparse.dataset.keypoints import read_keypoints
from partparse.dataset.layout import VideoFile, find_annotations, known_action, list_videos
from partparse.dataset.lists import frame_list, read_frame_counts, read_vocabulary
from partparse.errors import InputError, Report
from partparse.frames.decoding import count_decoded, probe
from partparse.row_keys import NUMBERS
from partparse.running.program import progress
from partparse.vocabulary import PERSON, Vocabulary

Box = tuple[float, float, float, float]
LARGEST = 2**31  # of a coordinate
NUMBER_RANGE = (1, NUMBERS - 1)
"""The least and the largest number of a person."""


@dataclass(frozen=True)
class Part:
    """A part of a person."""

    box: Box
    state: str


@dataclass(frozen=True)
class Person:
    """A person in a frame."""

    box: Box
    parts: dict[str, Part] = field(default_factory=dict)
    keypoints: tuple[tuple[float, float, float], ...] | None = None  # 17 of x, y, score


@dataclass(frozen=True)
class Thing:
    """An object in a frame."""

    name: str
    box: Box


@dataclass
class Frame:
    """A frame that was looked at: nobody may be in it."""

    persons: dict[int, Person] = field(default_factory=dict)  # by number, from 1
    things: list[Thing] = field(default_factory=list)


@dataclass(frozen=True)
class Clip:
    """A video: what labels are about."""

    video: str  # its id
    path: Path  # a file, or a folder of pictures
    action: str | None  # None where it is not known
    size: Size
    frames: int  # how many decode


@dataclass(frozen=True)
class Labels:
    """What is labelled in a video."""

    clip: Clip
    frames: dict[int, Frame]  # by number, from 1


Find = Callable[[str], Clip | None]
"""The video of a name; None where there is none, which has been reported."""


def open_clip(path: Path, video: str, action: str | None, frames: int | None = None) -> Clip:
    """The clip of a video; `frames` is how many it has, where that is known.

    Raises InputError where it does not open.
    """
    info = probe(path)
    count = frames or info.frames or count_decoded(path)
    return Clip(video, path, action, (info.width, info.height), count)


def read_data_set(root: Path, report: Report) -> Iterator[tuple[str, Labels]]:
    """Split and labels of each annotated video of a data set; those with a fault are reported.

    Raises InputError for lists and folders that are wrong, see `check-dataset`.
    """
    vocabulary = read_vocabulary(root)
    counts = {split: read_frame_counts(frame_list(root, split)) for split in ("train", "test")}
    for file in progress(list_videos(root), "videos"):
        try:
            labels = read_labels(root, file, vocabulary, counts[file.split].get(file.video))
        except InputError as error:
            report(str(error))
            continue
        if labels is not None:
            yield file.split, labels


def read_labels(
    root: Path, file: VideoFile, vocabulary: Vocabulary, frames: int | None
) -> Labels | None:
    """What a data set says of one of its videos, keypoints included; None where it says nothing.

    Raises InputError for what is wrong in it, see `annotation.read_video`.
    """
    folder = find_annotations(root, file)
    if folder is None:
        return None
    clip = open_clip(root / file.path, file.video, known_action(root, file), frames)
    found = read_video(folder, vocabulary, clip.size)
    points = read_keypoints(root, _persons_table(file.video, found))
    return Labels(clip, _frames(found, points))


def _persons_table(video: str, found: VideoAnnotations) -> pd.DataFrame:
    rows = found.persons
    table = pd.DataFrame(
        {"video": video, "frame": rows.frame, "person": rows.person, "part": list(rows.part)}
    )
    return table.assign(**dict(zip(tables.BOX, rows.box.T, strict=True)))


def _frames(found: VideoAnnotations, points: pd.DataFrame) -> dict[int, Frame]:
    frames = {int(frame): Frame() for frame in found.frames}
    keys = points[["frame", "person"]].itertuples(index=False, name=None)
    keypoints = {
        key: tuple((x, y, score) for x, y, score in values.astype(float).tolist())
        for key, values in zip(keys, tables.pack_keypoints(points), strict=True)
    }
    rows = found.persons
    columns = zip(
        rows.frame.tolist(), rows.person.tolist(), rows.part, rows.box, rows.state, strict=True
    )
    for frame, person, part, box, state in columns:
        if part == PERSON:
            own = Person(as_box(box), keypoints=keypoints.get((frame, person)))
            frames[frame].persons[person] = own
        else:
            frames[frame].persons[person].parts[part] = Part(as_box(box), str(state))
    things = found.objects
    for frame, name, box in zip(things.frame.tolist(), things.name, things.box, strict=True):
        frames[frame].things.append(Thing(name, as_box(box)))
    return frames


def as_box(values: Floats) -> Box:
    """A box in hundredths of a pixel."""
    x1, y1, x2, y2 = np.round(np.asarray(values, float), 2).tolist()
    return x1, y1, x2, y2


def edges_of(box: Box) -> list[float]:
    """A box as edges of pixels, in hundredths: x1, y1, x2, y2 as other tools have them."""
    return np.round(to_edges(box), 2).tolist()


def box_within(edges: list[float], size: Size, where: str, report: Report) -> Box | None:
    """The box of the edges that a tool gave, clipped to the picture.

    None where it is none, or has no pixel in the picture, which is reported of `where`.
    """
    x1, y1, x2, y2 = edges
    if not all(abs(value) < LARGEST for value in edges) or x2 <= x1 or y2 <= y1:
        report(f"{where}: the box {edges}; expected a box with width and height")
        return None
    box = np.asarray(from_edges(edges), np.float64)
    if outside(box[None], size)[0]:
        report(f"{where}: the box {edges} lies outside the picture of {size[0]}x{size[1]} pixels")
        return None
    return as_box(clip(box, size))
