"""How the official baseline is trained and used."""

from typing import Literal

from partparse.learning.settings import (
    Checksum,
    FitSettings,
    FrameSide,
    FrameStride,
    FreezeBn,
    Precision,
    Weights,
)
from partparse.running.settings import Count, NotNegative, Number, Settings, Share
from partparse.states.methods import Method


class BaselineTrainSettings(FitSettings):
    """Training of the official baseline; an example is a video."""

    blocks: tuple[Count, Count, Count, Count]
    """Bottlenecks in each stage of the boxes' ResNet (ResNet-50: 3, 4, 6, 3)."""
    width: Count
    """Channels of its stem (ResNet-50: 64)."""
    stride: Literal[8, 16, 32]
    """Pixels of a cell of its feature map: 8, 16 or 32; dilated below 32."""
    weights: Weights
    weights_sha256: Checksum
    freeze_bn: FreezeBn
    hidden: Count
    """Units of the perceptrons' hidden layers."""
    refined: Count
    """Channels of a refined part feature."""
    dropout: Share
    """Share of the hidden units dropped."""
    action_weight: NotNegative
    """Of the action's loss beside the states'."""

    frame_stride: FrameStride
    segments: Count
    """Frames of a video: one out of each of so many equal segments, as TSN takes them."""
    frame_side: FrameSide
    scale: tuple[Number, Number]
    """Least and greatest factor of that side."""
    mirror: Share
    """Share of videos that are mirrored, left and right parts exchanged."""
    colour: NotNegative
    """Greatest change of saturation and brightness, a share; a twentieth of it: of hue."""
    box_jitter: NotNegative
    """Corners are moved by up to ± this share of their box's side; 0: the annotated boxes."""


class BaselinePredictSettings(Settings):
    """Use of the official baseline on detected boxes."""

    person_score: Share
    """Lowest score of persons that count for the action; all get states."""
    batch: Count
    """Frames that go through the network at once."""
    precision: Precision


class BaselineSettings(Settings):
    """The official one: features of part, human, object and image; gives an action as well."""

    tsn: str
    """Action model, a tsn, whose features of the frame are used."""
    train: BaselineTrainSettings
    predict: BaselinePredictSettings


METHOD = Method(
    names="baseline",
    rules="baseline",
    action_model="tsn",
    action_network="tsn",
    gives_actions=True,
    needs_objects=True,
    settings=BaselineSettings,
)
