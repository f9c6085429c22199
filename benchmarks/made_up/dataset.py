"""A made-up data set in the official layout, with the official numbers of videos and frames.

    python -m benchmarks.made_up.dataset /tmp/made_up
    python -m benchmarks.made_up.dataset /tmp/made_up --times 10 --annotated 0

The videos are hard links to a few clips; annotations are true files, of the size that the official
ones have by the counts of humans and parts. As all of them would be 574,851 files, only as many
shards of train are annotated as is asked for. No video is drawn as long as its flist says it is.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from pathlib import Path

import av
import numpy as np

from benchmarks.printing import command_line
from partparse.dataset.layout import VideoFile, list_videos
from partparse.dataset.splits import assign_shards, split_videos
from partparse.vocabulary import PARTS

VIDEOS = {"train": 3809, "test": 932}
ACTIONS = 24
FRAMES = {"train": 574_851, "test": 243_275}
"""In all: test's 48,655 scored frames, times five."""
HUMANS, PART_ROWS, OBJECTS = 1_600_000, 7_900_000, 500_000
"""Annotated in the frames of train."""
STATES, OBJECT_NAMES = 74, 75
SHARDS = {"train": 48, "val": 12, "test": 12}
"""As configs/kinetics_tps.yaml has them."""
VAL_SHARE, SEED = 0.2124, 0
SIZE = (320, 240)
CLIPS, CLIP_FRAMES = 4, 30
DOCUMENTS = 500


@dataclass(frozen=True)
class Plan:
    """Which videos a data set has: `times` as many as the official one."""

    times: int

    def videos(self, split: str) -> Iterator[tuple[str, str, int]]:
        """Video, action and frames of each video of train or test; they sum to the official."""
        number = VIDEOS[split] * self.times
        ends = np.arange(number + 1) * FRAMES[split] // VIDEOS[split]
        for index, frames in enumerate(np.diff(ends).tolist()):
            yield f"{split}_{index:05d}", f"action_{index % ACTIONS:02d}", frames

    def shards(self) -> dict[str, int]:
        """As many videos a shard as there are at the official size."""
        return {split: shards * self.times for split, shards in SHARDS.items()}


def write_dataset(root: Path, plan: Plan, annotated: int) -> list[VideoFile]:
    """Write a data set into the empty or absent folder `root`.

    Args:
        root: where it is written; not an existing data set.
        plan: its videos.
        annotated: how many of the shards of train get annotations.

    Returns:
        The videos that are annotated.
    """
    clips = [_write_clip(root / "clips" / f"{number}.mp4", number) for number in range(CLIPS)]
    lengths = {}
    (root / "list").mkdir()
    for split in VIDEOS:
        lines = ["video,frames"]
        for number, (video, action, frames) in enumerate(plan.videos(split)):
            path = root / f"{split}_videos" / action / f"{video}.mp4"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.hardlink_to(clips[number % CLIPS])
            lines.append(f"{video},{frames}")
            lengths[video] = frames
        (root / "list" / f"video_{split}_flist.csv").write_text("\n".join(lines) + "\n")
    names = {
        "body_part": PARTS,
        "part_stat": [f"state_{number}" for number in range(STATES)],
        "object": [f"object_{number}" for number in range(OBJECT_NAMES)],
    }
    for name, entries in names.items():
        (root / "list" / f"{name}.txt").write_text("\n".join(entries) + "\n")
    videos = split_videos(list_videos(root), VAL_SHARE, SEED)
    shards = assign_shards(videos, plan.shards())
    chosen = [video for number in range(annotated) for video in shards[f"train-{number:03d}"]]
    _annotate(root, chosen, lengths)
    return chosen


def _write_clip(path: Path, seed: int) -> Path:
    """A short video of moving stripes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    width, height = SIZE
    wave = np.sin((np.arange(width) + 40 * seed) / 15)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(CLIP_FRAMES):
            row = (127 + 100 * np.roll(wave, 5 * number)).astype(np.uint8)
            picture = np.broadcast_to(row[None, :, None], (height, width, 3))
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def _annotate(root: Path, videos: list[VideoFile], lengths: dict[str, int]) -> None:
    """Write a file for each frame; their texts are some hundred, taken in turn."""
    rng = np.random.default_rng(SEED)
    texts = [json.dumps(make_document(rng), separators=(",", ":")) for _ in range(DOCUMENTS)]
    turn = count()
    for video in videos:
        folder = root / "train_annotations" / (video.action or "") / video.video
        folder.mkdir(parents=True)
        for frame in range(1, lengths[video.video] + 1):
            (folder / f"img_{frame:05d}.json").write_text(texts[next(turn) % DOCUMENTS])


def make_document(rng: np.random.Generator) -> dict[str, list[dict]]:
    """A frame's annotation with, on average, the official numbers of humans, parts and objects."""
    humans = _about(rng, HUMANS / FRAMES["train"])
    return {
        "humans": [_make_human(rng, number) for number in range(1, humans + 1)],
        "objects": [
            {"name": f"object_{rng.integers(OBJECT_NAMES)}", "box": _make_box(rng)}
            for _ in range(_about(rng, OBJECTS / FRAMES["train"]))
        ],
    }


def _make_human(rng: np.random.Generator, number: int) -> dict:
    parts = rng.permutation(len(PARTS))[: _about(rng, PART_ROWS / HUMANS)]
    return {
        "number": number,
        "box": _make_box(rng),
        "parts": {
            PARTS[part]: {
                "name": PARTS[part],
                "number": number,
                "box": _make_box(rng),
                "verb": f"state_{rng.integers(STATES)}",
            }
            for part in sorted(parts)
        },
    }


def _about(rng: np.random.Generator, mean: float) -> int:
    """One of the two whole numbers next to `mean`, such that their mean is that."""
    return int(mean + rng.random())


def _make_box(rng: np.random.Generator) -> list[int]:
    (x1, x2), (y1, y2) = (np.sort(rng.integers(side, size=2)).tolist() for side in SIZE)
    return [x1, y1, x2, y2]


def main() -> None:
    """Write the data set that the arguments ask for."""
    parser = command_line(__doc__)
    parser.add_argument("root", type=Path, help="folder to write; must not exist")
    parser.add_argument("--times", type=int, default=1, help="the official number of videos")
    parser.add_argument("--annotated", type=int, default=4, help="shards of train, of 48 TIMES")
    args = parser.parse_args()
    args.root.mkdir()
    annotated = write_dataset(args.root, Plan(args.times), args.annotated)
    print(f"{args.root}: {len(annotated)} videos are annotated")


if __name__ == "__main__":
    main()
