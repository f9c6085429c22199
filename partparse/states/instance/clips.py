"""Clips about key frames, with all persons of the key frame: examples and batches of them.

Boxes are edges here, (P, 4) x1, y1, x2, y2: one that covers the first pixel alone is 0, 0, 1, 1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from torch.utils.data import Dataset

from partparse import sampling
from partparse.augment import Pictures
from partparse.boxes import Floats, Integers, to_edges
from partparse.recognition.clips import FrameReader, Video, change_colours
from partparse.states.instance.keypoints import KeypointWindows
from partparse.states.instance.settings import InstanceTrainSettings
from partparse.states.persons import PersonParts
from partparse.states.skeleton.input import mirror_windows
from partparse.tables import FRAME_KEY
from partparse.vocabulary import PARTS, swap_order


@dataclass(frozen=True)
class WholeView:
    """How the whole frames of a clip are seen; a square of them: `partparse.recognition.views`."""

    mirrored: bool = False  # left to right: the labels' sides have to be exchanged
    scale: float = 1.0  # factor of both sides
    degrees: float = 0.0  # by which the picture turns about its centre, clockwise


def scale_edges(edges: ArrayLike, size: tuple[int, int], new_size: tuple[int, int]) -> Floats:
    """Edges in a picture of `size` (height, width), in the same one resized."""
    factors = np.array(new_size[::-1], float) / np.array(size[::-1], float)
    return np.asarray(edges, float) * np.tile(factors, 2)


def view_clip(clip: Pictures, edges: ArrayLike, view: WholeView) -> tuple[Pictures, Floats]:
    """A clip (T, H, W, 3) and the boxes in it as `view` has them, boxes cut at the new edge.

    A box that is turned becomes the one that holds its corners.
    """
    height, width = clip.shape[1:3]
    edges = np.asarray(edges, float)
    if view.scale == 1 and view.degrees == 0:
        if not view.mirrored:
            return clip, edges
        swapped = np.array([width, 0, width, 0]) + edges[:, [2, 1, 0, 3]] * (-1, 1, -1, 1)
        return np.ascontiguousarray(clip[:, :, ::-1]), swapped
    size = max(1, round(width * view.scale)), max(1, round(height * view.scale))
    matrix = _matrix((width, height), size, view)
    # OpenCV's coordinates are those of pixels' centres
    centres = matrix.copy()
    centres[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    seen = np.stack([cv2.warpAffine(frame, centres, size) for frame in clip])
    corners = edges[:, [[0, 1], [2, 1], [2, 3], [0, 3]]] @ matrix[:, :2].T + matrix[:, 2]
    limits = np.array(size, float)
    low = np.clip(corners.min(1), 0, limits)
    high = np.clip(corners.max(1), 0, limits)
    return seen.astype(np.uint8), np.concatenate([low, high], 1)


def _matrix(size: tuple[int, int], new_size: tuple[int, int], view: WholeView) -> Floats:
    """(2, 3): from x, y in a picture of `size` (width, height) to the viewed one."""
    angle = math.radians(view.degrees)
    turned = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    factors = np.array(new_size, float) / np.array(size, float)
    linear = factors[:, None] * turned * (-1 if view.mirrored else 1, 1)
    offset = np.array(new_size) / 2 - linear @ (np.array(size) / 2)
    return np.concatenate([linear, offset[:, None]], 1)


def jitter_edges(
    edges: ArrayLike, amount: float, size: tuple[int, int], rng: np.random.Generator
) -> Floats:
    """Move each edge by up to `amount` sides of its box, within a picture of (height, width)."""
    edges = np.asarray(edges, float)
    sides = np.tile(edges[:, 2:] - edges[:, :2], 2)
    moved = edges + sides * rng.uniform(-amount, amount, edges.shape)
    limits = np.tile(np.array(size[::-1], float), 2)
    return np.clip(moved, 0, limits)


class Example(NamedTuple):
    """A clip and the persons of its key frame."""

    clip: Pictures  # (T, H, W, 3) uint8 RGB
    edges: Floats  # (P, 4) boxes as edges in pixels of the clip
    states: Integers  # (P, 10) index of each part's state, -1 where it is unknown
    windows: NDArray[np.float32] | None = None
    """(P, T, 17, C) normalised keypoint windows, for methods that look at them."""


class Batch(NamedTuple):
    """Examples, their persons one after the other."""

    clips: Tensor
    """(N, T, H, W, 3) uint8 RGB; smaller clips are filled up with black, right and below."""
    edges: Tensor  # (P, 4) float32
    owners: Tensor  # (P,) the clip of each person
    states: Tensor  # (P, 10)
    windows: Tensor | None  # (P, T, 17, C), or None
    sizes: Sequence[tuple[int, int]]  # height and width of each clip without what fills it up


def collate(examples: Sequence[Example]) -> Batch:
    """Put examples into a batch."""
    sizes = np.array([example.clip.shape for example in examples])
    clips = np.zeros((len(examples), *sizes.max(0)), np.uint8)
    for row, (example, (_, height, width, _)) in enumerate(zip(examples, sizes, strict=True)):
        clips[row, :, :height, :width] = example.clip
    windows = [example.windows for example in examples if example.windows is not None]
    owners = np.repeat(np.arange(len(examples)), [len(example.edges) for example in examples])
    return Batch(
        torch.from_numpy(clips),
        torch.from_numpy(np.concatenate([e.edges for e in examples]).astype(np.float32)),
        torch.from_numpy(owners),
        torch.from_numpy(np.concatenate([example.states for example in examples])),
        torch.from_numpy(np.concatenate(windows)) if windows else None,
        [(int(height), int(width)) for _, height, width, _ in sizes],
    )


class KeyFrames(Dataset):
    """The frames in which there are persons, in the persons' order, as clips unchanged."""

    def __init__(
        self,
        persons: PersonParts,
        videos: Sequence[Video],
        reader: FrameReader,
        settings: InstanceTrainSettings,
        windows: KeypointWindows | None = None,
    ) -> None:
        """`persons`: sorted by video and frame, all of them in `videos`; `windows`: theirs."""
        self._persons = persons
        self._windows = windows
        self._videos = {video.name: video for video in videos}
        self._reader = reader
        self.settings = settings
        frames = persons.keys[FRAME_KEY]
        starts = np.flatnonzero((frames != frames.shift()).any(axis=1))
        self._frames = list(frames.iloc[starts].itertuples(index=False, name=None))
        self._rows = np.split(np.arange(len(frames)), starts[1:])

    def __len__(self) -> int:
        """Number of key frames."""
        return len(self._frames)

    def __getitem__(self, item: int) -> Example:
        """The clip about key frame `item`, and its persons."""
        name, frame = self._frames[item]
        video, rows, settings = self._videos[name], self._rows[item], self.settings
        window = sampling.dense(video.frames, settings.length, settings.stride, frame - 1)
        clip = self._reader.read(video, window)
        edges = scale_edges(
            to_edges(self._persons.boxes[rows]), (video.height, video.width), clip.shape[1:3]
        )
        windows = None if self._windows is None else self._windows.seen(rows)
        return Example(clip, edges, self._persons.states[rows], windows)


class TrainingKeyFrames(KeyFrames):
    """Key frames as clips changed at random, by (epoch, item): the same pair, the same example."""

    def __getitem__(self, key: tuple[int, int]) -> Example:  # type: ignore[override]
        """The example of key frame `key[1]` in epoch `key[0]`."""
        settings = self.settings
        rng = np.random.default_rng([settings.seed, *key])
        view = WholeView(
            mirrored=bool(rng.random() < settings.mirror),
            scale=float(rng.uniform(*settings.scale)),
            degrees=float(rng.uniform(-settings.rotate, settings.rotate)),
        )
        clip, edges, states, windows = view_example(super().__getitem__(key[1]), view)
        edges = jitter_edges(edges, settings.box_jitter, clip.shape[1:3], rng)
        clip = change_colours(clip, settings.colour, rng)
        if self._windows is not None:
            windows = self._windows.disturbed(self._rows[key[1]], view.mirrored, rng)
        return Example(clip, edges, states, windows)


def view_example(example: Example, view: WholeView) -> Example:
    """An example as `view` has it: a mirrored left hand is a right hand."""
    clip, edges = view_clip(example.clip, example.edges, view)
    states, windows = example.states, example.windows
    if view.mirrored:
        states = states[:, swap_order(PARTS)]
        windows = None if windows is None else mirror_windows(windows)
    return Example(clip, edges, states, windows)
