"""The folders of a data set: which videos there are, their splits and shards.

Only folders are listed, nothing is opened and nothing but the standard library is imported: the
workflow calls this for every video each time it is parsed.

    ROOT/train_videos/ACTION/VIDEO.mp4
    ROOT/test_videos/[ACTION/]VIDEO.mp4
    ROOT/{train,test}_annotations/[ACTION/]VIDEO/[VIDEO/]img_00001.json

A video is a file (.mp4, .avi, .webm, .mkv, .gif) or a folder of img_%05d.jpg; its id is the name
without the suffix.
"""

import csv
import hashlib
import io
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

from partparse.errors import InputError, Report, refuse
from partparse.files.atomic import write_text

SUFFIXES: tuple[str, ...] = (".mp4", ".avi", ".webm", ".mkv", ".gif")
FRAME_NAME = re.compile(r"img_(\d{5,7})\.(jpg|json)")
MAX_FRAMES = 1_000_000
"""Frames of a video at most (nine hours): what claims to have more is not believed."""

LITTER = {".DS_Store", ".gitkeep", ".snakemake_timestamp", "Thumbs.db", "desktop.ini"}
"""Files that systems leave behind in any folder: passed over."""
_SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class VideoFile:
    """One video of the data set."""

    video: str  # its id
    split: str  # train, val or test
    action: str | None  # None where test videos do not lie in action folders
    path: str  # relative to the root, with forward slashes
    source: str  # tells the video from a later one in its place, see `source_of`


def frame_number(name: str, kind: str) -> int | None:
    """The number in `img_00001.jpg` or `.json` (`kind` without the dot); None for other names."""
    match = FRAME_NAME.fullmatch(name)
    if match is None or match[2] != kind:
        return None
    number = int(match[1])
    return number if 0 < number <= MAX_FRAMES and f"{number:05d}" == match[1] else None


def is_safe_name(name: str) -> bool:
    """Whether a name can be one component of a path, in a table and in a log line."""
    return name.isprintable() and name not in {"", ".", ".."} and not set("/\\") & set(name)


def list_videos(root: Path, report: Report = refuse) -> list[VideoFile]:
    """All videos, sorted by split and id; the split is train or test, see `split_videos`.

    Raises InputError (or hands `report` the message and goes on) for a missing folder, a file
    that is no video, an unsafe name, an id that two videos share, an action without train videos.
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
        with os.scandir(folder) as found:
            entries = sorted((e for e in found if e.name not in LITTER), key=lambda e: e.name)
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
    if known:
        path = f"{folder}/{entry.name}"
        yield VideoFile(stem, split, action, path, source_of(Path(entry.path)))
    else:
        report(
            f"{entry.path}: not a video; expected a file {', '.join(SUFFIXES)} "
            "or a folder of img_00001.jpg, …"
        )


def source_of(path: Path) -> str:
    """What changes with a file: its size and time; a digest of all of them for a folder of jpgs."""
    if not path.is_dir():
        status = path.stat()
        return f"{status.st_size} {status.st_mtime_ns}"
    states = _pictures(path)
    lines = (f"{name} {states[name].st_size} {states[name].st_mtime_ns}" for name in sorted(states))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def size_of(path: Path) -> int:
    """Bytes of a video: of its file, or of all jpgs in its folder."""
    if not path.is_dir():
        return path.stat().st_size
    return sum(state.st_size for state in _pictures(path).values())


def _pictures(folder: Path) -> dict[str, os.stat_result]:
    with os.scandir(folder) as found:
        return {e.name: e.stat() for e in found if frame_number(e.name, "jpg") is not None}


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


def split_videos(videos: Sequence[VideoFile], val_share: float, seed: int) -> list[VideoFile]:
    """Move a share of the train videos to val, stratified by action.

    round(val_share * train videos) in all, shared out to the actions by largest remainders; each
    action keeps a train video. Within an action the videos with the lowest hashes of seed and id
    go, so that a video that is added moves at most a few others.
    """
    if not 0 <= val_share < 1:
        raise InputError(f"the share of val videos is {val_share}; expected 0 ≤ share < 1")
    by_action: dict[str, list[VideoFile]] = defaultdict(list)
    for video in videos:
        if video.split == "train":
            by_action[video.action or ""].append(video)
    counts = _shares({action: len(group) for action, group in by_action.items()}, val_share)
    moved = {
        video.video
        for action, group in by_action.items()
        for video in sorted(group, key=lambda v: _hash(seed, v.video))[: counts[action]]
    }
    return [replace(v, split="val") if v.video in moved else v for v in videos]


def _shares(sizes: Mapping[str, int], share: float) -> dict[str, int]:
    """How many of each group to take: largest remainders, at most all but one of a group."""
    total = min(round(share * sum(sizes.values())), sum(size - 1 for size in sizes.values()))
    counts = {name: min(int(share * size), size - 1) for name, size in sizes.items()}
    by_remainder = sorted(sizes, key=lambda name: (counts[name] - share * sizes[name], name))
    while (missing := total - sum(counts.values())) > 0:
        open_groups = [name for name in by_remainder if counts[name] < sizes[name] - 1]
        for name in open_groups[:missing]:
            counts[name] += 1
    return counts


def shard_names(counts: Mapping[str, int]) -> list[str]:
    """`train-000`, …: the names of all shards of {"train": 2, "val": 1, "test": 1}."""
    if sorted(counts) != sorted(_SPLITS) or any(counts[split] < 1 for split in _SPLITS):
        raise InputError(f"shards are {dict(counts)}; expected 1 or more for each of {_SPLITS}")
    return [f"{split}-{index:03d}" for split in _SPLITS for index in range(counts[split])]


def assign_shards(
    videos: Iterable[VideoFile], counts: Mapping[str, int]
) -> dict[str, list[VideoFile]]:
    """The videos of every shard, sorted by id; a shard may be empty.

    The shard follows from the id's hash alone: a video that is added changes one shard.
    """
    shards: dict[str, list[VideoFile]] = {name: [] for name in shard_names(counts)}
    for video in sorted(videos, key=lambda video: video.video):
        index = _hash(0, video.video) % counts[video.split]
        shards[f"{video.split}-{index:03d}"].append(video)
    return shards


def plan_shards(
    root: Path, val_share: float, seed: int, counts: Mapping[str, int]
) -> dict[str, list[VideoFile]]:
    """List, split and assign: the videos of every shard of the data set at `root`."""
    return assign_shards(split_videos(list_videos(root), val_share, seed), counts)


def _hash(seed: int, video: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}:{video}".encode()).digest()[:8], "big")


_COLUMNS = [field.name for field in fields(VideoFile)]


def write_shard_list(path: Path, videos: Iterable[VideoFile]) -> None:
    """Write a shard's videos as CSV with a header: video, split, action, path, source."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(astuple(video) for video in videos)
    write_text(path, text.getvalue())


def read_shard_list(path: Path) -> list[VideoFile]:
    """Read what `write_shard_list` wrote. Raises InputError for any other file."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
    except FileNotFoundError:
        raise InputError(f"{path}: no such shard list") from None
    if not rows or rows[0] != _COLUMNS or any(len(row) != len(_COLUMNS) for row in rows):
        raise InputError(f"{path}: not a shard list; expected the columns {', '.join(_COLUMNS)}")
    return [
        VideoFile(video, split, action or None, path, source)
        for video, split, action, path, source in rows[1:]
    ]
