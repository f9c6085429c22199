"""How the skeleton network is built, trained and used."""

from dataclasses import dataclass

from partparse.errors import InputError
from partparse.learning.settings import FitSettings
from partparse.states.methods import Method


@dataclass(frozen=True)
class SkeletonTrainSettings(FitSettings):
    """Training of CTR-GCN on keypoint windows of tracked persons."""

    channels: tuple[int, ...]
    """Of each block, multiples of 4; the paper: 64 x 4, 128 x 3, 256 x 3."""
    strides: tuple[int, ...]
    """Of each block, over time; the paper: 2 where the channels double."""
    dropout: float
    """Before both classifiers."""

    length: int
    """Moments in a window."""
    stride: int
    """Frames from one moment to the next."""
    gap: int
    """Frames between two observations that are bridged by a line; else the person is absent."""
    frames_a_window: int
    """An epoch draws a window for each so many frames of a track, and one at least."""

    flip: float
    """Share of windows mirrored, left and right exchanged."""
    noise: float
    """Largest deviation of the Gaussian noise of keypoints, in longer sides of the box: the pose
    net is better on the videos that it was trained on than on others."""
    hide: float
    """Share of keypoints whose place is lost in all of a window."""
    rotation: float
    """Degrees: deviation of the turn of a window."""
    box_jitter: float
    """A window's boxes are moved and scaled by up to this share of their sides, all alike."""

    action_weight: float
    """Of the action's loss beside the states'."""
    label_smoothing: float
    """Of both losses."""

    def __post_init__(self) -> None:
        """Raise InputError for a network that can't be built."""
        super().__post_init__()
        if len(self.channels) != len(self.strides) or not self.channels:
            raise InputError(
                f"settings channels and strides: one of each a block, not {len(self.channels)}"
                f" and {len(self.strides)}"
            )
        if any(width % 4 for width in self.channels):
            raise InputError(f"setting channels: {list(self.channels)} are not multiples of 4")


@dataclass(frozen=True)
class SkeletonPredictSettings:
    """Prediction on the windows about scored frames."""

    batch: int
    """Persons that go through the network at once."""


METHOD = Method(names="skeleton", rules="skeleton", gives_actions=True, needs_keypoints=True)
