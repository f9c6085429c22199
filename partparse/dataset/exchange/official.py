"""Labels written in the official layout: a data set is made of them, or some of it replaced."""

import csv
import io
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

from partparse.dataset.exchange.labels import Clip, Find, Frame, Labels, Person, open_clip
from partparse.dataset.keypoints import keypoint_file
from partparse.dataset.layout import (
    SUFFIXES,
    VideoFile,
    find_annotations,
    list_folder,
    list_videos,
)
from partparse.dataset.lists import (
    OBJECT_LIST,
    PART_LIST,
    STATE_LIST,
    frame_list,
    read_frame_counts,
    read_names,
    video_id,
)
from partparse.errors import InputError, Report, meant
from partparse.files.atomic import atomic_folder, atomic_path, write_text
from partparse.frames.names import is_safe_name, source_of
from partparse.vocabulary import KEYPOINTS, PARTS


class Format(NamedTuple):
    """A format that labels are read from."""

    names: Callable[[Path], tuple[list[str], list[str]]]  # the states and objects it speaks of
    read: Callable[[Path, Find, Report], list[Labels]]


@dataclass
class DataSet:
    """A data set that labels are written into.

    A video that it does not have yet is looked for in `videos`, as VIDEO.mp4 or ACTION/VIDEO.mp4
    in a folder or as a file, and copied.
    """

    root: Path
    videos: Sequence[Path]  # files, and folders with files or with an ACTION's folder of them
    split: str  # train or test: of videos that are new
    action: str | None  # of videos that are new; None: the name of their folder
    _there: dict[str, VideoFile] = field(init=False)
    _counts: dict[str, int] = field(init=False)
    _names: dict[str, tuple[str, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Look at what is there. Raises InputError for an action that can be no folder."""
        if self.action is not None and not is_safe_name(self.action):
            raise InputError(f"--action {self.action!r}: expected a name that is no path")
        ignored: list[str] = []
        self._there = {file.video: file for file in list_videos(self.root, ignored.append)}
        self._counts = {}
        for split in ("train", "test"):
            self._counts |= read_frame_counts(frame_list(self.root, split))

    def find(self, name: str, report: Report) -> Clip | None:
        """The clip of a video that is named by its file; what is in the way is reported."""
        video = video_id(name)
        try:
            if video in self._there:
                file = self._there[video]
                path = self.root / file.path
                return open_clip(path, video, file.action, self._counts.get(video))
            if (found := self._given(video)) is None:
                places = ", ".join(map(str, [self.root, *self.videos]))
                report(f"{name!r}: no such video in {places}; expected {video}.mp4 or the like")
                return None
            path, action = found
            if action is None and self.split == "train":
                report(
                    f"{path}: its action is not known; expected --action, or a folder of videos "
                    f"with ACTION/{path.name}"
                )
                return None
            return open_clip(path, video, action)
        except InputError as error:
            report(str(error))
            return None

    def _given(self, video: str) -> tuple[Path, str | None] | None:
        """The file of a video that is new, and its action."""
        for given in self.videos:
            if not given.is_dir() or _has_pictures(given):
                if _is_video(given, video):
                    return given, self.action
                continue
            for entry in map(Path, list_folder(given)):
                if _is_video(entry, video):
                    return entry, self.action
                inside = map(Path, list_folder(entry)) if entry.is_dir() else ()
                if found := next((path for path in inside if _is_video(path, video)), None):
                    return found, self.action or entry.name
        return None

    def offer(self, states: Iterable[str], objects: Iterable[str]) -> None:
        """Give names for the lists that are not there; they are written with the first labels."""
        offered = {PART_LIST: PARTS, STATE_LIST: states, OBJECT_LIST: objects}
        for name, names in offered.items():
            path = self.root / name
            given = read_names(path) if path.exists() else names
            self._names[name] = tuple(one for one in dict.fromkeys(given) if _fits_a_line(one))

    def check(self, labels: Labels, where: str, report: Report) -> None:
        """Report each name that is not in the data set's lists, once, and labels of no frame."""
        used: dict[tuple[str, str], str] = {}
        for number, frame in labels.frames.items():
            for person, found in frame.persons.items():
                for name, part in found.parts.items():
                    place = f"frame {number}, person {person}, {name}"
                    used.setdefault((STATE_LIST, part.state), f"{place}: unknown state")
            for thing in frame.things:
                used.setdefault((OBJECT_LIST, thing.name), f"frame {number}: unknown object")
        for (listed, name), place in used.items():
            known = self._names[listed]
            if name not in known:
                report(
                    f"{where}: {place} {name!r}{meant(name, known)}; expected one of the "
                    f"{len(known)} names in {self.root / listed}"
                )
        if not labels.frames:
            report(f"{where}: no frame is labelled")

    def write(self, labels: Labels) -> Path:
        """Write the labels of a video in the place of those that it has; returns their folder."""
        self._write_lists()
        clip = labels.clip
        file = self._there.get(clip.video) or self._add(clip)
        folder = find_annotations(self.root, file)
        if folder is None:
            base = self.root / f"{file.split}_annotations"
            folder = base / (clip.action or "") / clip.video
        with atomic_folder(folder) as whole:
            for number, frame in labels.frames.items():
                path = whole / f"img_{number:05d}.json"
                path.write_bytes(orjson.dumps(_document(frame)))
        self._write_keypoints(labels)
        return folder

    def _add(self, clip: Clip) -> VideoFile:
        """Copy a video, and list it."""
        path = "/".join(filter(None, [f"{self.split}_videos", clip.action, clip.path.name]))
        if clip.path.is_dir():
            with atomic_folder(self.root / path) as whole:
                shutil.copytree(clip.path, whole, dirs_exist_ok=True)
        else:
            with atomic_path(self.root / path) as temporary:
                shutil.copyfile(clip.path, temporary)
        source = source_of(self.root / path)
        file = VideoFile(clip.video, self.split, clip.action, path, source)
        self._there[clip.video] = file
        self._list(clip)
        return file

    def _write_lists(self) -> None:
        for name, names in self._names.items():
            if names and not (self.root / name).exists():
                write_text(self.root / name, "".join(f"{one}\n" for one in names))

    def _list(self, clip: Clip) -> None:
        """Add the frames of a new video to its list, which may be left out of a data set."""
        path = frame_list(self.root, self.split)
        if path.exists() or [file.split for file in self._there.values()].count(self.split) == 1:
            text = io.StringIO()
            counts = read_frame_counts(path) | {clip.video: clip.frames}
            csv.writer(text, lineterminator="\n").writerows([("video", "frames"), *counts.items()])
            write_text(path, text.getvalue())

    def _write_keypoints(self, labels: Labels) -> None:
        people = [(number, list(frame.persons.values())) for number, frame in labels.frames.items()]
        if not any(person.keypoints for _, persons in people for person in persons):
            return
        most = max(len(persons) for _, persons in people)
        points = np.zeros((labels.clip.frames, most, len(KEYPOINTS), 3), np.float32)
        for number, persons in people:
            for place, person in enumerate(persons):
                if person.keypoints:
                    points[number - 1, place] = person.keypoints
        name = f"{labels.clip.video}.npz"
        path = keypoint_file(self.root, labels.clip.video)
        path = path or self.root / "keypoints" / (labels.clip.action or "") / name
        with atomic_path(path) as temporary:
            np.savez_compressed(temporary, keypoints=points)


def import_files(
    paths: Sequence[Path],
    data: DataSet,
    reader: Format,
    told: Callable[[str], object],
    report: Report,
) -> None:
    """Write the labels of files into a data set; a video with a fault is left out.

    `told` gets a line for each video that is written, `report` one for each fault.
    """
    names: dict[Path, tuple[list[str], list[str]]] = {}
    for path in paths:
        try:
            names[path] = reader.names(path)
        except InputError as error:
            report(str(error))
    data.offer(
        chain.from_iterable(states for states, _ in names.values()),
        chain.from_iterable(objects for _, objects in names.values()),
    )
    for path in names:
        find = partial(data.find, report=partial(_report_of, path, report))
        for labels in reader.read(path, find, report):
            faults: list[str] = []
            data.check(labels, str(path), faults.append)
            for fault in faults:
                report(fault)
            if not faults:
                told(f"{data.write(labels)}: {len(labels.frames)} frames")


def _report_of(path: Path, report: Report, fault: str) -> None:
    report(f"{path}: {fault}")


def _fits_a_line(name: str) -> bool:
    return bool(name) and name.isprintable() and name == name.strip()


def _has_pictures(folder: Path) -> bool:
    return (folder / "img_00001.jpg").is_file()


def _is_video(path: Path, video: str) -> bool:
    """Whether something in a folder is the video of this id."""
    if path.is_dir():
        return path.name == video and _has_pictures(path)
    return path.suffix.lower() in SUFFIXES and video_id(path.name) == video


def _document(frame: Frame) -> dict[str, Any]:
    """A frame's annotation as the challenge's files have it."""
    document: dict[str, Any] = {
        "humans": [_human(number, person) for number, person in sorted(frame.persons.items())]
    }
    if frame.things:
        document["objects"] = [
            {"name": thing.name, "box": _numbers(thing.box)} for thing in frame.things
        ]
    return document


def _human(number: int, person: Person) -> dict[str, Any]:
    parts = {
        name: {
            "name": name,
            "number": number,
            "box": _numbers(person.parts[name].box),
            "verb": person.parts[name].state,
        }
        for name in PARTS
        if name in person.parts
    }
    return {"number": number, "box": _numbers(person.box), "parts": parts}


def _numbers(box: Sequence[float]) -> list[float]:
    return [int(value) if value.is_integer() else value for value in box]
