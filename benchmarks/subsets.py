"""Some videos of a data set, as a data set of their own: links into it."""

import shutil
from collections import defaultdict
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

from partparse.dataset.layout import VideoFile, list_videos


def link_videos(root: Path, out: Path, count: int) -> None:
    """Make a data set of `count` videos for train, as many for val, and as many for test.

    Train's and val's are of as many actions as there are, two of each before more: half of them go
    to val.

    Raises:
        SystemExit: there are too few.
    """
    videos = list_videos(root)
    chosen = [
        *_choose([v for v in videos if v.split == "train"], count, 2),
        *_choose([v for v in videos if v.split == "test"], count, 1),
    ]
    link_subset(root, out, chosen)


def link_subset(root: Path, out: Path, videos: Sequence[VideoFile]) -> None:
    """Make the data set `out`, in one piece: these videos and what `root` has of them, its lists.

    The lists of frames may name videos that are not in it.
    """
    part = out.with_name(f".{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    _link(root, part, Path("list"))
    for video in videos:
        place = Path(video.path)
        _link(root, part, place)
        beside = place.relative_to(f"{video.split}_videos").parent
        _link(root, part, Path(f"{video.split}_annotations") / beside / video.video)
        _link(root, part, Path("keypoints") / beside / f"{video.video}.npz")
    part.rename(out)


def _choose(videos: list[VideoFile], count: int, each: int) -> list[VideoFile]:
    """`count` times `each` videos, `each` of an action, then of the next."""
    actions: dict[str | None, list[VideoFile]] = defaultdict(list)
    for video in videos:
        actions[video.action].append(video)
    left = {action: iter(own) for action, own in actions.items() if len(own) >= each}
    if sum(len(actions[action]) // each for action in left) < count:
        raise SystemExit(f"expected {count} times {each} videos of train and of test")
    chosen: list[VideoFile] = []
    for action in cycle(left):
        if len(chosen) == count * each:
            return chosen
        taken = list(islice(left[action], each))
        chosen += taken if len(taken) == each else []
    return chosen


def _link(root: Path, out: Path, path: Path) -> None:
    """Link a file or folder of the data set, if there is one."""
    if (root / path).exists():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).symlink_to((root / path).resolve())
