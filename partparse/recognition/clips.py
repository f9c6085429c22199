"""Clips of videos, for training and for prediction.

A clip is (T, S, S, C) uint8: T frames, cropped to a square of S pixels, in RGB (C = 3) or of
quantised optical flow (C = 2). Only `normalise` makes floats of it, on the device that computes
with them.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import Dataset

from partparse import sampling
from partparse.augment import Pictures
from partparse.boxes import Integers
from partparse.errors import InputError
from partparse.files.catalogue import Normalisation, normalisation_of
from partparse.recognition.modality import MODALITIES, Modality
from partparse.recognition.settings import PredictSettings, TrainSettings
from partparse.recognition.views import random_view


class Video(NamedTuple):
    """A video with at least one decoded frame, or the part of it that is looked at."""

    name: str
    frames: int
    width: int  # pixels, of the frames in the cache
    height: int
    source: str  # what its frames were made from: changes when they may have changed
    first: int = 0  # the frame (from 0) that it begins with
    square: tuple[int, int, int] | None = None
    """Left, top and side, pixels, of what is looked at; may reach beyond the frame. None: all."""


def decoded_videos(frames: pd.DataFrame) -> list[Video]:
    """The videos of a FRAMES or FLOW table that have a frame, in its order."""
    some = frames[frames["frames"] > 0]
    columns = (some[name] for name in ("video", "frames", "width", "height", "source"))
    return [Video(*row) for row in zip(*columns, strict=True)]


class LabelledClips(NamedTuple):
    """What clips are taken from, and what a network is to say of them."""

    videos: Sequence[Video]
    targets: Sequence[int] | NDArray[np.float32]
    """The index of each one's class, or (N, labels): which labels hold, 0 or 1."""
    mirrored: Sequence[int] | NDArray[np.float32] | None = None
    """The targets of the mirrored clips; None: the labels know no left and right."""
    centres: Sequence[int] | None = None
    """The frame (from 0) that each clip is about; None: a clip may be from anywhere."""

    def target(self, item: int, flipped: bool) -> Any:
        """What is to be said of a clip of `item`."""
        return (self.mirrored if flipped and self.mirrored is not None else self.targets)[item]


def label_videos(frames: pd.DataFrame, labels: pd.Series, classes: Sequence[str]) -> LabelledClips:
    """The videos of a FRAMES or FLOW table that have a frame and a label.

    `labels`: a class's name, by video. Raises InputError for a name that is none of `classes`.
    """
    index = {name: i for i, name in enumerate(classes)}
    named = labels.dropna().to_dict()
    if unknown := sorted(set(named.values()) - index.keys()):
        raise InputError(f"label {unknown[0]!r} is none of the {len(classes)} classes")
    videos = [video for video in decoded_videos(frames) if video.name in named]
    return LabelledClips(videos, [index[named[video.name]] for video in videos])


class FrameReader:
    """Frames from a cache, resized; kept in memory up to a limit."""

    def __init__(self, cache: Path, side: int, memory: int, modality: str = "rgb") -> None:
        """Read from `cache`, shorter side `side` pixels; keep at most `memory` bytes.

        Flow stays in pixels of the frames that it was measured on.
        """
        self._cache = cache
        self._read = MODALITIES[modality].read
        self._side = side
        self._memory = memory
        self._kept: dict[tuple[str, int, tuple[int, int, int] | None], Pictures] = {}

    def read(self, video: Video, indices: Integers) -> Pictures:
        """Frames at `indices` (from 0, repeats allowed) as (T, h, w, C)."""
        return np.stack([self._frame(video, video.first + int(index) + 1) for index in indices])

    def _frame(self, video: Video, number: int) -> Pictures:
        key = (video.name, number, video.square)
        if key not in self._kept:
            picture = self._read(self._cache, video.name, number)
            width, height = video.width, video.height
            if video.square:
                picture, width, height = _cut(picture, *video.square), *video.square[2:] * 2
            factor = self._side / min(width, height)
            size = max(1, round(width * factor)), max(1, round(height * factor))
            method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
            small = cv2.resize(picture, size, interpolation=method)
            if small.nbytes > self._memory:
                return small
            self._memory -= small.nbytes
            self._kept[key] = small
        return self._kept[key]


class TrainingClips(Dataset):
    """One random clip of a video, by (epoch, item): the same pair gives the same clip.

    So a run that was stopped and goes on sees what it would have seen.
    """

    def __init__(
        self, labelled: LabelledClips, reader: FrameReader, settings: TrainSettings
    ) -> None:
        """Frames come from `reader`; clip and augmentation are as `settings` say."""
        self._labelled = labelled
        self._reader = reader
        self._settings = settings

    def __len__(self) -> int:
        """Number of videos, or of frames that clips are about."""
        return len(self._labelled.videos)

    def __getitem__(self, key: tuple[int, int]) -> tuple[Pictures, Any]:
        """The clip (T, S, S, C) and the target of `key[1]` in epoch `key[0]`."""
        epoch, item = key
        settings = self._settings
        rng = np.random.default_rng([settings.seed, epoch, item])
        video, centres = self._labelled.videos[item], self._labelled.centres
        indices = _random_indices(video, None if centres is None else centres[item], settings, rng)
        clip = self._reader.read(video, indices)
        size = clip.shape[1:3]
        view = random_view(size, settings.crop_side, settings.scale, settings.rotate, rng)
        view = replace(view, mirrored=bool(rng.random() < settings.mirror))
        clip = view.picture(clip)
        if settings.modality == "rgb":
            clip = change_colours(clip, settings.colour, rng)
        return clip, self._labelled.target(item, view.mirrored)


class PredictionClips(Dataset):
    """All clips that a video, or a frame of it, is judged by."""

    def __init__(
        self,
        videos: Sequence[Video],
        reader: FrameReader,
        settings: TrainSettings,
        predict: PredictSettings,
        centres: Sequence[int] | None = None,
    ) -> None:
        """`settings` are those of the network's training.

        `centres`: a frame (from 0) of each entry of `videos` that its one clip is about; None:
        the clips are spread over the video.
        """
        self._videos = videos
        self._reader = reader
        self._settings = settings
        self._predict = predict
        self._centres = centres

    def __len__(self) -> int:
        """Number of videos, or of frames."""
        return len(self._videos)

    def __getitem__(self, item: int) -> Pictures:
        """The clips (clips x crops, T, S, S, C) of video `item`."""
        video = self._videos[item]
        indices = self._indices(item)
        frames = self._reader.read(video, indices.ravel())
        side = self._predict.crop_side or self._settings.crop_side
        crops = fixed_crops(frames, side, self._predict.crops)
        clips = crops.reshape(-1, *indices.shape, *crops.shape[2:])
        return clips.reshape(-1, *clips.shape[2:])

    def _indices(self, item: int) -> Integers:
        frames, settings = self._videos[item].frames, self._settings
        if self._centres is not None:
            centre = self._centres[item]
            return sampling.dense(frames, settings.length, settings.stride, centre)[None]
        if settings.sampling == "uniform":
            return sampling.uniform_clips(frames, settings.length, self._predict.clips)
        return sampling.dense_clips(frames, settings.length, settings.stride, self._predict.clips)


def normalise(clips: torch.Tensor, weights: str | None) -> torch.Tensor:
    """(N, T, S, S, C) uint8 -> (N, C, T, S, S) float, as the networks want it.

    The memory stays as it was, colours last, in which 3D convolutions on the CPU are a third
    faster.

    Args:
        clips: pictures, or flow.
        weights: the setting of what the network was trained from; pictures are normalised as the
            catalogue says for weights of that name, and as ImageNet's for all others.
    """
    modality = next(m for m in MODALITIES.values() if len(m.mean) == clips.shape[-1])
    levels: Modality | Normalisation = modality
    if modality is MODALITIES["rgb"]:
        levels = normalisation_of(weights)
    mean = torch.tensor(levels.mean, device=clips.device)
    deviation = torch.tensor(levels.deviation, device=clips.device)
    return ((clips.float() - mean) / deviation).permute(0, 4, 1, 2, 3)


def colours_last(network: nn.Module) -> nn.Module:
    """Lay the weights of the network's 3D convolutions as `normalise` lays clips; returns it."""
    for module in network.modules():
        if isinstance(module, nn.Conv3d):
            module.to(memory_format=torch.channels_last_3d)
    return network


def fixed_crops(frames: Pictures, side: int, crops: int) -> Pictures:
    """The largest squares, resized: (crops, T, side, side, C).

    1: the centre; 3: the start, the centre and the end of the longer side.
    """
    height, width = frames.shape[1:3]
    square = min(height, width)
    places = np.linspace(0, 1, crops) if crops > 1 else np.array([0.5])
    corners = (places[:, None] * (height - square, width - square)).astype(int)
    return np.stack([_resize(frames[:, y : y + square, x : x + square], side) for y, x in corners])


def change_colours(clip: Pictures, jitter: float, rng: np.random.Generator) -> Pictures:
    """Scale the clip's brightness and each of its colours by up to 1 +- `jitter`."""
    gains = (1 + rng.uniform(-jitter, jitter)) * (1 + rng.uniform(-jitter, jitter, 3))
    levels = np.clip(np.arange(256)[:, None] * gains, 0, 255).astype(np.uint8)
    return levels[clip, np.arange(3)]


def _random_indices(
    video: Video, centre: int | None, settings: TrainSettings, rng: np.random.Generator
) -> Integers:
    if centre is None and settings.sampling == "uniform":
        return sampling.uniform(video.frames, settings.length, rng)
    about = int(rng.integers(video.frames)) if centre is None else centre
    return sampling.dense(video.frames, settings.length, settings.stride, about)


def _cut(picture: Pictures, left: int, top: int, side: int) -> Pictures:
    """A square of a frame; black where it reaches beyond."""
    height, width = picture.shape[:2]
    square = np.zeros((side, side, *picture.shape[2:]), picture.dtype)
    x0, x1 = np.clip((left, left + side), 0, width)
    y0, y1 = np.clip((top, top + side), 0, height)
    square[y0 - top : y1 - top, x0 - left : x1 - left] = picture[y0:y1, x0:x1]
    return square


def _resize(clip: Pictures, side: int) -> Pictures:
    if clip.shape[1:3] == (side, side):
        return clip
    shrinks = clip.shape[1] > side
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.stack([cv2.resize(frame, (side, side), interpolation=method) for frame in clip])
