"""What the part-state net is made of, trained with and predicted with."""

from dataclasses import dataclass
from typing import Any

from partparse.errors import InputError
from partparse.learning.settings import PRECISIONS, FitSettings, one_of
from partparse.states.methods import Method


@dataclass(frozen=True)
class PartStateTrainSettings(FitSettings):
    """Training of the part-state net; an example is a person."""

    backbone: dict[str, Any]
    """`name` of a network of timm, and its own settings; null leaves one to timm."""
    weights: str | None
    """Path or URL of pretrained weights of the backbone; None: from random weights."""
    weights_sha256: str | None
    """Checksum of the file that `weights` names; needed for a URL."""
    maps: tuple[int, ...]
    """The backbone's feature maps that are joined, from fine to coarse; timm's indices."""
    roi_bins: int
    """Bins on each side of the grid that a part's features are pooled to."""
    width: int
    """Channels of a token: of a part, the person or the action."""
    layers: int
    """Attention layers."""
    heads: int
    """Attention heads; `width` is a multiple of it."""
    dropout: float
    """Share of activations that the attention layers drop."""

    crop_side: int
    """Pixels: side of the square that a person's crop is."""
    crop_margin: float
    """What is added to the longer side of a person's box, in its lengths."""
    frame_stride: int
    """Annotated frames 1, 1 + stride, … are trained on."""
    balance: float
    """Persons are drawn by the inverse frequency of their rarest state to this power; 0: evenly."""

    flip: float
    """Share of crops that are mirrored, left and right exchanged."""
    colour: float
    """Greatest change of a crop's saturation and brightness, as a share; a tenth of it: of hue."""
    rotation: float
    """Degrees that a crop is turned by at most."""
    shift: float
    """Greatest move of a crop, in its sides."""
    scale: float
    """A crop's side is changed by a factor of 1 + this at most."""
    part_shift: float
    """Deviation of a part box's move, in its sides."""
    part_scale: float
    """Deviation of the logarithm of the factor of a part box's sides."""
    part_drop: float
    """Share of part boxes that are taken away."""
    action_noise: float
    """Greatest share of the action's probability that other actions take."""
    action_drop: float
    """Share of persons whose action is unknown: all are equally likely."""

    label_smoothing: float
    """Share of a part's target that is spread over all of its states."""

    def __post_init__(self) -> None:
        """Raise InputError for values that do not fit each other."""
        super().__post_init__()
        if not self.maps or sorted(set(self.maps)) != list(self.maps):
            raise InputError(f"setting maps: {list(self.maps)} is not a rising list of indices")
        if self.width % self.heads:
            raise InputError(f"setting width: {self.width} is no multiple of heads, {self.heads}")
        if not 0 <= self.balance <= 1:
            raise InputError(f"setting balance: {self.balance} is not within 0 and 1")


@dataclass(frozen=True)
class PartStatePredictSettings:
    """Prediction of the states of detected persons' parts."""

    batch: int
    """Persons that go through the network at once."""
    flip: bool
    """Average with the mirrored crop, at twice the time."""
    precision: str
    """"32-true" or "bf16-mixed"."""

    def __post_init__(self) -> None:
        """Raise InputError for a choice that does not exist."""
        one_of("precision", self.precision, PRECISIONS)


METHOD = Method(names="part_state", rules="part_state")
