"""Videos shared out: to train and val, and to shards, with the lists of shards."""

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, fields, replace
from pathlib import Path
from typing import NamedTuple

from partparse.dataset.layout import VideoFile, list_videos
from partparse.errors import InputError
from partparse.files.atomic import write_text

_SPLITS = ("train", "val", "test")
_COLUMNS = [field.name for field in fields(VideoFile)]


class Fold(NamedTuple):
    """Of the folds that training videos are cut into, the one that is val: `number` from 0."""

    number: int
    folds: int


def split_videos(videos: Sequence[VideoFile], held_out: float | Fold, seed: int) -> list[VideoFile]:
    """Move a share of the train videos, or a fold of them, to val, stratified by action.

    A share: round(share * train videos) in all, shared out to the actions by largest remainders;
    each action keeps a train video. Within an action the videos with the lowest hashes of seed and
    id go, so that a video that is added moves at most a few others.

    A fold: every video is in one of them, but for the only one of an action, which is never val.
    Their numbers of videos differ by one at most, in all and in each action. A video that is added
    moves others to another fold.
    """
    by_action: dict[str, list[VideoFile]] = defaultdict(list)
    for video in sorted(videos, key=lambda v: _hash(seed, v.video)):
        if video.split == "train":
            by_action[video.action or ""].append(video)
    if isinstance(held_out, Fold):
        # one action after the other, each begins where the one before it has ended
        several = [video for _, group in sorted(by_action.items()) if group[1:] for video in group]
        moved = several[held_out.number :: held_out.folds]
    elif not 0 <= held_out < 1:
        raise InputError(f"the share of val videos is {held_out}; expected 0 ≤ share < 1")
    else:
        counts = _shares({action: len(group) for action, group in by_action.items()}, held_out)
        moved = [video for action, group in by_action.items() for video in group[: counts[action]]]
    names = {video.video for video in moved}
    return [replace(v, split="val") if v.video in names else v for v in videos]


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
    root: Path, held_out: float | Fold, seed: int, counts: Mapping[str, int]
) -> dict[str, list[VideoFile]]:
    """List, split and assign: the videos of every shard of the data set at `root`."""
    return assign_shards(split_videos(list_videos(root), held_out, seed), counts)


def _hash(seed: int, video: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}:{video}".encode()).digest()[:8], "big")


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
