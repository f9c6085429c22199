"""The files in a data set's `list/`, made from its videos and annotations."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from partparse.dataset.annotation import read_documents
from partparse.dataset.frame_check import entries
from partparse.dataset.layout import VideoFile, find_annotations, list_videos
from partparse.dataset.lists import (
    OBJECT_LIST,
    PART_LIST,
    STATE_LIST,
    frame_list,
    read_frame_counts,
)
from partparse.errors import Fault, InputError, Report
from partparse.files.atomic import write_text
from partparse.frames.decoding import Faults, decode
from partparse.running.processes import side_by_side
from partparse.running.program import progress
from partparse.vocabulary import PARTS

CHUNK = 16  # videos that a process reads at a time


@dataclass
class _Found:
    """What some videos hold."""

    frames: dict[str, int] = field(default_factory=dict)
    """By video, of those that can be read."""
    states: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def make_lists(
    root: Path,
    report: Report,
    tell: Callable[[str], object],
    *,
    overwrite: bool = False,
    workers: int = 1,
) -> None:
    """Write the lists of the data set at `root`; those that are there stay, unless `overwrite`.

    The states and objects of all annotations, in alphabetical order; the frames of each video, by
    decoding it as a run does; the ten parts. A video that can't be read is reported and not
    listed, one that does not decode whole is reported and listed with the frames that a run has
    of it. `tell` is given a line for each list, `workers` processes read.
    """
    videos = list_videos(root, report)
    if not videos:
        return

    def is_wanted(path: Path) -> bool:
        wanted = overwrite or not path.exists()
        if not wanted:
            tell(f"{path}: is there, and stays as it is; --overwrite makes it anew")
        return wanted

    flists = {split: frame_list(root, split) for split in ("train", "test")}
    flists = {split: path for split, path in flists.items() if is_wanted(path)}
    found = _read_videos(root, videos, set(flists), workers)
    for fault in found.faults:
        report(fault)
    for name, what, names in (
        (PART_LIST, "part", PARTS),
        (STATE_LIST, "state", found.states),
        (OBJECT_LIST, "object", found.objects),
    ):
        if is_wanted(root / name):
            fit = names if names is PARTS else _listable(names, what, root, report)
            _write(root / name, [f"{one}\n" for one in fit], f"{what}s", tell)
    for split, path in flists.items():
        own = {v.video for v in videos if v.split == split}
        counts = {video: count for video, count in found.frames.items() if video in own}
        _write(path, _as_csv(counts), "videos", tell)
        _check_names(path, counts, report)


def _write(path: Path, lines: Sequence[str], what: str, tell: Callable[[str], object]) -> None:
    if lines:
        write_text(path, "".join(lines))
    tell(f"{path}: {len(lines)} {what}" if lines else f"{path}: not written: there are no {what}")


def _listable(names: Iterable[str], what: str, root: Path, report: Report) -> list[str]:
    """The names that can stand in a line, sorted."""
    fit = {name for name in names if name.isprintable() and name and name == name.strip()}
    for name in sorted(set(names) - fit):
        expected = "expected printable characters, no space at either end"
        report(Fault(root, f"the {what} {name!a}", expected, kind=f"a {what} that can't be listed"))
    return sorted(fit)


def _as_csv(counts: Mapping[str, int]) -> list[str]:
    """The lines of a flist, without a header: a name may be in quotes."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(counts.items())
    return text.getvalue().splitlines(keepends=True)


def _check_names(path: Path, counts: Mapping[str, int], report: Report) -> None:
    """Report the names that a list does not give back, such as one that ends in two suffixes."""
    faults: list[str] = []
    read = read_frame_counts(path, faults.append) if counts else {}
    for video in counts:
        if video not in read:
            kind = "a name that a list of videos can't hold"
            report(Fault(path, f"the name {video!a} can't stand in it", "rename it", kind=kind))


def _read_videos(
    root: Path, videos: Sequence[VideoFile], counted: set[str], workers: int
) -> _Found:
    """What all videos hold; the frames of those of the splits `counted`."""
    starts = range(0, len(videos), CHUNK)
    chunks = [(root, videos[start : start + CHUNK], counted) for start in starts]
    found = _Found()
    read = side_by_side(_read_chunk, chunks, workers)
    for some in progress(read, f"chunks of {CHUNK} videos", len(chunks)):
        found.frames |= some.frames
        found.states |= some.states
        found.objects |= some.objects
        found.faults += some.faults
    return found


def _read_chunk(root: Path, videos: Sequence[VideoFile], counted: set[str]) -> _Found:
    found = _Found()
    for video in videos:
        if video.split in counted:
            _count_frames(root, video, found)
        try:
            folder = find_annotations(root, video)
        except InputError as error:
            found.faults.append(str(error))
            continue
        for _, document in read_documents(folder, found.faults.append) if folder else ():
            _add_names(document, found)
    return found


def _count_frames(root: Path, video: VideoFile, found: _Found) -> None:
    path, faults = root / video.path, Faults()
    count = sum(1 for _ in decode(path, faults))
    said = faults.describe()
    if count == 0:
        found.faults.append(Fault(path, "can't be read, and is not listed", said or ""))
        return
    found.frames[video.video] = count
    if said:
        found.faults.append(Fault(path, said, f"listed with {count} frames, as a run has them"))


def _add_names(document: Any, found: _Found) -> None:
    """The states and objects of a frame; what is something else is passed over."""
    frame = document if isinstance(document, dict) else {}
    for human in entries(frame.get("humans")):
        states = (part.get("verb") for part in entries(human.get("parts")))
        found.states.update(state for state in states if isinstance(state, str))
    names = (thing.get("name") for thing in entries(frame.get("objects")))
    found.objects.update(name for name in names if isinstance(name, str))
