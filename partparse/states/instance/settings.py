"""What an instance-level method is made of, trained with and predicted with."""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from partparse.errors import InputError
from partparse.learning.settings import (
    Checksum,
    FitSettings,
    FrameSide,
    FrameStride,
    FreezeBn,
    Init,
    Precision,
    Weights,
)
from partparse.recognition.builders import check_network
from partparse.running.settings import Count, NotNegative, Number, Settings, Share, Whole
from partparse.states.methods import Method
from partparse.states.skeleton.settings import Channels, WindowSettings

_LEAST_MAP = 3  # pixels: what the context head's convolution needs


def _known(backbone: dict[str, Any]) -> dict[str, Any]:
    check_network("slowfast", backbone)
    return backbone


class KeypointSettings(WindowSettings):
    """The keypoint windows of an instance-level method."""

    channels: Annotated[tuple[Channels, ...], Field(min_length=1)]
    """Of each block of CTR-GCN, multiples of 4."""


class InstanceTrainSettings(FitSettings):
    """Training of one instance-level method."""

    head: Literal["context", "person", "roi"]
    """roi (a person alone), person (person-person) or context (person-context-person)."""
    backbone: Annotated[dict[str, Any], AfterValidator(_known)]
    """The SlowFast network's: depth, stem_channels, alpha, beta, fusion_kernel, dilated."""
    reduced: Count
    """Channels that features are reduced to for the relations (published: 1024)."""
    hidden: Count
    """Channels of the relations (published: 512)."""
    depth: Count
    """Relations that follow one another."""
    keypoints: KeypointSettings | None
    """Of the keypoint windows joined to a person's features, as of skeleton; null: none."""
    dropout: Share
    """Share of a person's features dropped before the classifier."""
    label_smoothing: Share
    """Share of a part's target that is spread over all of its states."""
    weights: Weights
    weights_sha256: Checksum
    freeze_bn: FreezeBn

    length: Count
    """Frames in a clip, about the key frame whose persons are judged."""
    stride: Count
    """Frames from one frame of a clip to the next."""
    frame_side: FrameSide
    frame_stride: FrameStride
    scale: tuple[Number, Number]
    """Least and greatest factor by which clips are resized."""
    rotate: Number
    """Degrees, ±, by which clips are turned."""
    mirror: Share
    """Share of clips that are mirrored, left and right parts exchanged."""
    colour: NotNegative
    """Greatest change of brightness and of each colour, a share."""
    box_jitter: NotNegative
    """Greatest shift of each edge of a person's box, in its sides."""
    memory_mb: Whole
    """Megabytes of resized frames kept in memory, over all workers."""

    @model_validator(mode="after")
    def _has_maps_to_relate(self) -> Self:
        least = math.ceil(self.frame_side * min(self.scale[0], 1) / map_stride(self.backbone))
        if self.head == "context" and least < _LEAST_MAP:
            raise InputError(
                f"frame_side: {self.frame_side} pixels (times scale) give feature maps of"
                f" {least} pixels; the context head needs {_LEAST_MAP}"
            )
        return self


class InstancePredictSettings(Settings):
    """Prediction, video by video."""

    batch: Count
    """Clips that go through the network at once, each with all of its persons."""
    precision: Precision


def map_stride(backbone: dict[str, Any]) -> int:
    """Pixels of a clip to one of the backbone's feature maps."""
    return 16 if backbone.get("dilated", False) else 32


class InstanceSettings(Settings):
    """Persons of a key frame in a dense clip about it."""

    init: Init
    train: InstanceTrainSettings
    predict: InstancePredictSettings


METHOD = Method(names="instance_[A-Za-z0-9_]+", rules="instance", settings=InstanceSettings)
