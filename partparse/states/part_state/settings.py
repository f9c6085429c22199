"""What the part-state net is made of, trained with and predicted with."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from partparse.errors import InputError
from partparse.learning.settings import Checksum, FitSettings, FrameStride, Precision, Weights
from partparse.running.settings import Count, NotNegative, Number, Settings, Share, Whole
from partparse.states.methods import Method


class PartStateTrainSettings(FitSettings):
    """Training of the part-state net; an example is a person."""

    backbone: dict[str, Any]
    """`name` of a network of timm, and its own settings; null leaves one to timm."""
    weights: Weights
    weights_sha256: Checksum
    freeze_backbone: bool
    """The backbone stays as its weights have it; the attention over parts learns from its maps."""
    maps: Annotated[tuple[Whole, ...], Field(min_length=1)]
    """The backbone's feature maps that are joined, from fine to coarse; timm's indices."""
    roi_bins: Count
    """Bins on each side of the grid that a part's features are pooled to."""
    width: Count
    """Channels of a token: of a part, the person or the action."""
    layers: Whole
    """Attention layers."""
    heads: Count
    """Attention heads; `width` is a multiple of it."""
    dropout: Share
    """Share of activations that the attention layers drop."""

    crop_side: Count
    """Pixels: the square that a person's crop is."""
    crop_margin: NotNegative
    """Added to the longer side of a person's box, in its lengths."""
    frame_stride: FrameStride
    balance: Share
    """Persons are drawn by the inverse frequency of their rarest state to this power; 0: evenly."""

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
    part_shift: NotNegative
    """Deviation of a part box's move, in its sides."""
    part_scale: NotNegative
    """Deviation of the logarithm of the factor of a part box's sides."""
    part_drop: Share
    """Share of part boxes that are taken away."""
    action_noise: Share
    """Greatest share of the action's probability that other actions take."""
    action_drop: Share
    """Share of persons whose action is unknown: all are equally likely."""

    label_smoothing: Share
    """Share of a part's target that is spread over all of its states."""

    @model_validator(mode="after")
    def _can_be_built(self) -> Self:
        if sorted(set(self.maps)) != list(self.maps):
            raise InputError(f"maps: {list(self.maps)} is not a rising list of indices")
        if self.width % self.heads:
            raise InputError(f"width: {self.width} is no multiple of heads, {self.heads}")
        return self


class PartStatePredictSettings(Settings):
    """Prediction of the states of detected persons' parts."""

    batch: Count
    """Persons that go through the network at once."""
    mirror: bool
    """Average with the mirrored crop, at twice the time."""
    precision: Precision


class PartStateSettings(Settings):
    """A net on the crop of a person, whose parts look at each other and at the action."""

    train: PartStateTrainSettings
    predict: PartStatePredictSettings


METHOD = Method(names="part_state", rules="part_state", settings=PartStateSettings)
