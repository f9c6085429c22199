"""How the skeleton network is built, trained and used."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from partparse.errors import InputError
from partparse.learning.settings import BoxJitter, FitSettings
from partparse.running.settings import Count, NotNegative, Settings, Share, Whole
from partparse.states.methods import Method

Channels = Annotated[int, Field(ge=4, multiple_of=4)]


class WindowSettings(Settings):
    """Windows of the keypoints of a tracked person, and how they are varied."""

    length: Count
    """Moments in a window."""
    stride: Count
    """Frames from one moment to the next."""
    gap: Whole
    """Frames between two observations that a line bridges; else the person is absent."""
    noise: NotNegative
    """Largest deviation of the keypoints' noise, in longer sides of the box: the pose net is
    better on the videos that it was trained on than on others."""
    hide: Share
    """Share of keypoints whose place is lost in all of a window."""
    rotate: NotNegative
    """Degrees: deviation of the turn of a window."""
    box_jitter: BoxJitter


class SkeletonTrainSettings(FitSettings, WindowSettings):
    """Training of CTR-GCN on keypoint windows of tracked persons."""

    channels: Annotated[tuple[Channels, ...], Field(min_length=1)]
    """Of each block, multiples of 4; the paper: 64 x 4, 128 x 3, 256 x 3."""
    strides: tuple[Count, ...]
    """Of each block, over time; the paper: 2 where the channels double."""
    dropout: Share
    """Before both classifiers."""
    frames_a_window: Count
    """An epoch draws a window for each so many frames of a track, and one at least."""
    mirror: Share
    """Share of windows mirrored, left and right exchanged."""
    action_weight: NotNegative
    """Of the action's loss beside the states'."""
    label_smoothing: Share
    """Of both losses."""

    @model_validator(mode="after")
    def _has_whole_blocks(self) -> Self:
        if len(self.channels) != len(self.strides):
            raise InputError(
                f"channels and strides: one of each a block, not {len(self.channels)}"
                f" and {len(self.strides)}"
            )
        return self


class SkeletonPredictSettings(Settings):
    """Prediction on the windows about scored frames."""

    batch: Count
    """Persons that go through the network at once."""


class SkeletonSettings(Settings):
    """Keypoints of tracked persons through CTR-GCN; gives an action as well."""

    train: SkeletonTrainSettings
    predict: SkeletonPredictSettings


METHOD = Method(
    names="skeleton",
    rules="skeleton",
    gives_actions=True,
    needs_keypoints=True,
    can_refit=True,
    settings=SkeletonSettings,
)
