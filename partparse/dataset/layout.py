"""The folders of a data set: which videos there are, and where their annotations lie.

Only folders are listed, nothing is opened and nothing but the standard library is imported: the
workflow calls this for every video each time it is parsed.

    ROOT/train_videos/ACTION/VIDEO.mp4
    ROOT/test_videos/[ACTION/]VIDEO.mp4
    ROOT/{train,test}_annotations/[ACTION/]VIDEO/[VIDEO/]img_00001.json

A video is a file (see `SUFFIXES`) or a folder of img_%05d.jpg; its id is the name without the
suffix.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from partparse.errors import InputError, Report, refuse
from partparse.frames.names import frame_number, is_safe_name, is_table_name, source_of

SUFFIXES: tuple[str, ...] = (".mp4", ".mov", ".m4v", ".avi", ".webm", ".mkv", ".gif")
LITTER = {".DS_Store", ".gitkeep", ".snakemake_timestamp", "Thumbs.db", "desktop.ini"}
"""Files that systems leave behind in any folder: passed over."""


@dataclass(frozen=True)
class VideoFile:
    """One video of the data set."""

    video: str  # its id
    split: str  # train, val or test
    action: str | None  # None where test videos do not lie in action folders
    path: str  # relative to the root, with forward slashes
    source: str  # tells the video from a later one in its place, see `source_of`


def list_videos(root: Path, report: Report = refuse) -> list[VideoFile]:
    """All videos, sorted by split and id; the split is train or test, see `split_videos`.

    Raises InputError (or hands `report` the message and goes on) for a missing folder, a file
    that is no video, an unsafe name or a table's, an id that two videos share, an action without
    train videos.
    """
    found = [*_scan(root, "train", report), *_scan(root, "test", report)]
    actions = {video.action for video in found if video.split == "train"}
    seen: dict[str, VideoFile] = {}
    for video in found:
        first = seen.setdefault(video.video, video)
        if first is not video:
            report(
                f"{root / video.path}: the video id {video.video!r} is taken by {first.path}; "
                "expected ids that are unique over all actions and splits"
            )
        # without any train videos something else is wrong, which was told
        if actions and video.action is not None and video.action not in actions:
            report(f"{root / video.path}: the action {video.action!r} has no train videos")
            actions.add(video.action)
    return sorted(seen.values(), key=lambda video: (video.split != "train", video.video))


def list_actions(root: Path, report: Report = refuse) -> list[str]:
    """The names of the actions: the folders in train_videos, sorted."""
    folder = root / "train_videos"
    return sorted(entry.name for entry in _entries(folder, report) if entry.is_dir())


def _scan(root: Path, split: str, report: Report) -> Iterator[VideoFile]:
    folder = root / f"{split}_videos"
    for entry in _entries(folder, report):
        if not entry.is_dir() or _has_frames(entry):
            if split == "train":
                report(f"{entry.path}: expected a folder named after an action")
            else:
                yield from _video(entry, split, None, folder.name, report)
            continue
        inside = _entries(Path(entry.path), report)
        if not inside:
            report(f"{entry.path}: an action without videos")
        for video in inside:
            yield from _video(video, split, entry.name, f"{folder.name}/{entry.name}", report)


def _entries(folder: Path, report: Report) -> list["os.DirEntry[str]"]:
    """What lies in a folder, sorted; entries with unsafe names are reported and left out."""
    try:
        entries = list_folder(folder)
    except (FileNotFoundError, NotADirectoryError):
        report(f"{folder}: no such folder; expected ROOT/train_videos/ACTION and ROOT/test_videos")
        return []
    safe = []
    for entry in entries:
        if is_safe_name(entry.name) and not entry.name.startswith("."):
            safe.append(entry)
        else:
            report(
                f"{folder}: the name {entry.name!a}; expected printable characters, "
                "no slash or backslash, and no dot at the start"
            )
    return safe


def list_folder(folder: Path) -> list["os.DirEntry[str]"]:
    """What lies in a folder but litter, sorted."""
    with os.scandir(folder) as found:
        return sorted((e for e in found if e.name not in LITTER), key=lambda e: e.name)


def _has_frames(entry: "os.DirEntry[str]") -> bool:
    with os.scandir(entry.path) as found:
        return any(frame_number(e.name, "jpg") is not None for e in found)


def _video(
    entry: "os.DirEntry[str]", split: str, action: str | None, folder: str, report: Report
) -> Iterator[VideoFile]:
    stem, suffix = os.path.splitext(entry.name)  # noqa: PTH122 (a Path for each is slow)
    if entry.is_dir():
        stem, known = entry.name, _has_frames(entry)
    else:
        known = suffix.lower() in SUFFIXES and entry.is_file()  # a link may lead nowhere
    if known and is_table_name(stem):
        report(f"{entry.path}: the name of a table of results; expected no video called *.parquet")
    elif known:
        path = f"{folder}/{entry.name}"
        yield VideoFile(stem, split, action, path, source_of(Path(entry.path)))
    else:
        report(
            f"{entry.path}: not a video; expected a file {', '.join(SUFFIXES)} "
            "or a folder of img_00001.jpg, …"
        )


def find_annotations(root: Path, video: VideoFile) -> Path | None:
    """The folder that holds a video's img_%05d.json, or None.

    Below train_annotations or test_annotations: ACTION/VIDEO or VIDEO, or VIDEO in it again.
    Raises InputError where the video has two such folders.
    """
    base = root / ("test_annotations" if video.split == "test" else "train_annotations")
    folder = find_beside_action(base, video.video, video.action)
    if folder is not None and (folder / video.video).is_dir():
        return folder / video.video
    return folder


def find_beside_action(base: Path, name: str, action: str | None) -> Path | None:
    """`base/ACTION/name` or `base/name`, whichever exists; every ACTION where it is not known.

    Where `name` is also that of an action, `base/name` is the action's folder and nothing else.
    Raises InputError where more than one exists.
    """
    flat = [] if _is_action(base.parent, name) else [name]
    if action is not None:
        actions = [action]
    elif base.is_dir():
        folders = (entry.name for entry in os.scandir(base) if entry.is_dir())
        actions = sorted(folder for folder in folders if folder not in flat)
    else:
        actions = []
    candidates = [base / folder / name for folder in actions] + [base / path for path in flat]
    found = [path for path in candidates if path.exists()]
    if len(found) > 1:
        raise InputError(f"{found[0]}: the same is in {found[1]}; expected one of the two")
    return found[0] if found else None


def _is_action(root: Path, name: str) -> bool:
    return (root / "train_videos" / name).is_dir()


def known_action(root: Path, video: VideoFile) -> str | None:
    """A video's action: its own folder's name, else that of the folder of its annotations."""
    if video.action is not None:
        return video.action
    folder = find_annotations(root, video)
    if folder is None:
        return None
    parts = folder.relative_to(root).parts[1:]
    return parts[0] if parts[0] != video.video or _is_action(root, parts[0]) else None
