"""What an instance-level method is made of, trained with and predicted with."""

import json
import math
from dataclasses import dataclass
from typing import Any

from partparse.errors import InputError
from partparse.learning.settings import PRECISIONS, FitSettings, one_of
from partparse.running.program import parse_settings
from partparse.states.methods import Method

HEADS = ("context", "person", "roi")
_LEAST_MAP = 3  # pixels: what the context head's convolution needs


@dataclass(frozen=True)
class KeypointSettings:
    """The keypoint windows of an instance-level method; as the skeleton's settings of the name."""

    channels: tuple[int, ...]
    """Of each block of CTR-GCN, multiples of 4."""
    length: int
    """Moments in a window."""
    stride: int
    """Frames from one moment to the next."""
    gap: int
    """Frames between two observations that are bridged by a line; else the person is absent."""
    noise: float
    """Largest deviation of the Gaussian noise of keypoints, in longer sides of the box."""
    hide: float
    """Share of keypoints whose place is lost in all of a window."""
    rotation: float
    """Degrees: deviation of the turn of a window."""
    box_jitter: float
    """A window's boxes are moved and scaled by up to this share of their sides, all alike."""


@dataclass(frozen=True)
class InstanceTrainSettings(FitSettings):
    """Training of one instance-level method."""

    head: str
    """"context" (person-context-person), "person" (person-person) or "roi" (a person alone)."""
    backbone: dict[str, Any]
    """The SlowFast network's: depth, stem_channels, alpha, beta, fusion_kernel, dilated."""
    reduced: int
    """Channels that features are reduced to for the relations."""
    hidden: int
    """Channels of the relations."""
    depth: int
    """Relations that follow one another."""
    keypoints: dict[str, Any] | None
    """Of the keypoint windows joined to a person's features (`KeypointSettings`); None: none."""
    dropout: float
    """Share of a person's features dropped before the classifier."""
    label_smoothing: float
    weights: str | None
    """Path or URL of pretrained weights of the backbone; None: from random weights."""
    weights_sha256: str | None
    """Checksum of the file that `weights` names; needed for a URL."""
    freeze_bn: bool
    """Keep batch norms as the weights have them: no gradient, no new statistics."""

    length: int
    """Frames in a clip, about the key frame whose persons are judged."""
    stride: int
    """Frames from one frame of a clip to the next."""
    frame_side: int
    """Pixels: the shorter side that frames are resized to when they are read."""
    frame_stride: int
    """Every n-th frame of a training video is a key frame, where it is annotated."""
    scale: tuple[float, float]
    """Least and greatest factor by which clips are resized."""
    rotation: float
    """Degrees, +-, by which clips are turned."""
    flip: float
    """Share of clips that are mirrored, with the left and right parts exchanged."""
    jitter: float
    """Greatest change of a clip's brightness and of each colour, as a share."""
    box_jitter: float
    """Greatest shift of each edge of a person's box, in the box's sides."""
    memory_mb: int
    """Memory for resized frames, which are then read once a run; over all workers."""

    def __post_init__(self) -> None:
        """Raise InputError for a choice that does not exist, and for clips too small for it."""
        super().__post_init__()
        one_of("head", self.head, HEADS)
        self.windows()
        least = math.ceil(self.frame_side * min(self.scale[0], 1) / map_stride(self.backbone))
        if self.head == "context" and least < _LEAST_MAP:
            raise InputError(
                f"setting frame_side: {self.frame_side} pixels (times scale) give feature maps of"
                f" {least} pixels; the context head needs {_LEAST_MAP}"
            )

    def windows(self) -> KeypointSettings | None:
        """The settings of the keypoint windows, where there are any.

        Raises InputError for an unknown or a missing one.
        """
        if self.keypoints is None:
            return None
        return parse_settings(KeypointSettings, json.dumps(self.keypoints))


@dataclass(frozen=True)
class InstancePredictSettings:
    """Prediction, video by video."""

    batch: int
    """Clips that go through the network at once, each with all of its persons."""
    precision: str
    """"32-true" or "bf16-mixed"."""

    def __post_init__(self) -> None:
        """Raise InputError for a choice that does not exist."""
        one_of("precision", self.precision, PRECISIONS)


def map_stride(backbone: dict[str, Any]) -> int:
    """Pixels of a clip to one of the backbone's feature maps."""
    return 16 if backbone.get("dilated", False) else 32


METHOD = Method(names="instance_[A-Za-z0-9_]+", rules="instance")
