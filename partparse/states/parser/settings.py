"""What the person parser is made of, trained with and predicted with."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from partparse.errors import InputError
from partparse.learning.settings import Checksum, FitSettings, FrameStride, Precision, Weights
from partparse.running.settings import Count, NotNegative, Number, Settings, Share, Whole
from partparse.states.methods import Method


class TubeSettings(Settings):
    """How a person is cut out of a video."""

    crop_side: Annotated[int, Field(ge=32, multiple_of=32)]
    """Pixels: the square that a person's crop is."""
    crop_margin: NotNegative
    """Added to the longer side of a person's box, in its lengths."""
    tube_length: Annotated[int, Field(ge=1, multiple_of=2)]
    """Frames beside the key frame, in which the person's box is held still."""
    tube_stride: Count
    """Frames from one frame of the tube to the next."""


class ParserTrainSettings(FitSettings, TubeSettings):
    """Training of the person parser; an example is a person in a key frame."""

    backbone: dict[str, Any]
    """`name` of a network of timm, and its own settings; null leaves one to timm."""
    weights: Weights
    weights_sha256: Checksum
    maps: Annotated[tuple[Whole, ...], Field(min_length=1)]
    """The backbone's feature maps that are joined, from fine to coarse; timm's indices."""
    width: Count
    """Channels of the joined map, and of the token of a part."""
    motion_width: Whole
    """Channels of what is seen of the tube's motion; 0: the key frame alone is looked at."""
    roi_bins: Count
    """Bins on each side of the grid that a part's features are pooled to."""
    layers: Whole
    """Attention layers."""
    heads: Count
    """Attention heads; `width` is a multiple of it."""
    dropout: Share
    """Share of activations dropped, in attention and before the classifiers."""

    frame_stride: FrameStride
    mirror: Share
    """Share of crops that are mirrored, left and right exchanged."""
    colour: NotNegative
    """Greatest change of saturation and brightness, a share; a tenth of it: of hue."""
    rotate: Number
    """Degrees, ±, that a crop is turned by at most."""
    shift: NotNegative
    """Greatest move of a crop, in its sides."""
    zoom: NotNegative
    """A crop's side is changed by a factor of 1 + this at most, or its inverse."""
    erase: Share
    """Share of crops in which a rectangle is painted over."""
    part_shift: NotNegative
    """Deviation of a true part box's move before its features are pooled, in its sides."""
    part_scale: NotNegative
    """Deviation of the logarithm of the factor of a true part box's sides, likewise."""
    found_parts: Share
    """Share of true part boxes that the network's own take the place of, likewise."""

    keypoint_weight: NotNegative
    """Of the keypoints' loss."""
    part_weight: NotNegative
    """Of the loss of the parts' boxes."""
    state_weight: NotNegative
    """Of the states' loss."""
    action_weight: NotNegative
    """Of the action's loss."""
    label_smoothing: Share
    """Of the states' and the action's loss."""

    @model_validator(mode="after")
    def _can_be_built(self) -> Self:
        if sorted(set(self.maps)) != list(self.maps):
            raise InputError(f"maps: {list(self.maps)} is not a rising list of indices")
        if self.width % self.heads:
            raise InputError(f"width: {self.width} is no multiple of heads, {self.heads}")
        return self


class ParserPredictSettings(Settings):
    """Prediction of all that the parser says of a person."""

    looks: Count
    """How often a person is looked at, each time but the first in the box about the parts that
    were found the time before: a detector's box may be far off."""
    batch: Count
    """Persons that go through the network at once."""
    mirror: bool
    """Average with the mirrored crop, at twice the time."""
    precision: Precision


class ParserRefitSettings(Settings):
    """The refit, which goes on from the trained parser; all else is as in `train`."""

    epochs: Count
    """Passes over the examples of train and val."""
    learning_rate: NotNegative
    """The highest."""


class ParserSettings(Settings):
    """One network for keypoints, parts, states and action; gives parts and keypoints as well."""

    train: ParserTrainSettings
    refit: ParserRefitSettings
    predict: ParserPredictSettings


METHOD = Method(
    names="parser", rules="parser", gives_actions=True, can_refit=True, settings=ParserSettings
)
