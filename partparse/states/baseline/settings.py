"""How the official baseline is trained and used."""

from dataclasses import dataclass

from partparse.learning.settings import PRECISIONS, FitSettings, one_of
from partparse.states.methods import Method


@dataclass(frozen=True)
class BaselineTrainSettings(FitSettings):
    """Training of the official baseline; an example is a video."""

    blocks: tuple[int, int, int, int]
    """Bottlenecks in each stage of the boxes' ResNet (ResNet-50: 3, 4, 6, 3)."""
    width: int
    """Channels of its stem (ResNet-50: 64)."""
    stride: int
    """Pixels from one cell of its feature map to the next: 8, 16 or 32; dilated below 32."""
    weights: str | None
    """Path or URL of its pretrained weights, named as torchvision's; None: random weights."""
    weights_sha256: str | None
    """Checksum of the file that `weights` names; needed for a URL."""
    freeze_bn: bool
    """Keep batch norms as the weights have them: no gradient, no new statistics."""
    hidden: int
    """Units of the perceptrons' hidden layers."""
    refined: int
    """Channels of a refined part feature."""
    dropout: float
    """Share of the hidden units dropped."""
    action_weight: float
    """Of the action's loss beside the states'."""

    frame_stride: int
    """Annotated frames 1, 1 + stride, … are trained on."""
    segments: int
    """Frames of a video: one out of each of so many equal segments, as TSN takes them."""
    frame_side: int
    """Pixels: the shorter side that frames are resized to."""
    zoom: tuple[float, float]
    """Least and greatest factor of that side."""
    flip: float
    """Share of videos that are mirrored, left and right parts exchanged."""
    colour: float
    """Greatest change of saturation and brightness, a share; of the hue a twentieth of it."""
    box_jitter: float
    """Corners are moved by up to ± this share of their box's side; 0: the annotated boxes."""

    def __post_init__(self) -> None:
        """Raise InputError for a choice that does not exist."""
        super().__post_init__()
        one_of("stride", str(self.stride), ("8", "16", "32"))


@dataclass(frozen=True)
class BaselinePredictSettings:
    """Use of the official baseline on detected boxes."""

    person_score: float
    """Persons from this score on count for the action; all get states."""
    batch: int
    """Frames that go through the network at once."""
    precision: str
    """"32-true" or "bf16-mixed"."""

    def __post_init__(self) -> None:
        """Raise InputError for a choice that does not exist."""
        one_of("precision", self.precision, PRECISIONS)


METHOD = Method(
    names="baseline",
    rules="baseline",
    action_model="tsn",
    gives_actions=True,
    needs_objects=True,
)
