"""What a clip classifier is made of, trained with and predicted with."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, model_validator

from partparse.errors import InputError
from partparse.learning.settings import (
    Checksum,
    FitSettings,
    FrameSide,
    FreezeBn,
    Precision,
    Weights,
)
from partparse.recognition.builders import check_network
from partparse.running.settings import Count, NotNegative, Number, Settings, Share, Whole


def _known(network: tuple[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    check_network(*network)
    return network


class TrainSettings(FitSettings):
    """Training of one clip classifier."""

    network: Annotated[tuple[str, dict[str, Any]], AfterValidator(_known)]
    """Name in the registry, and its own settings; a list, which overlays replace as a whole.

    Snakemake merges mappings of overlays, and a setting of one network must not end in another.
    """
    weights: Weights
    weights_sha256: Checksum
    freeze_bn: FreezeBn

    modality: Literal["rgb", "flow"]
    """rgb, or flow: clips of optical flow instead of pictures."""
    sampling: Literal["uniform", "dense"]
    """uniform: a frame out of each of `length` equal segments; dense: a window."""
    length: Count
    """Frames in a clip."""
    stride: Count
    """Frames from one frame of a dense clip to the next."""
    frame_side: FrameSide
    crop_side: Count
    """Pixels: the square that the network sees."""
    scale: tuple[Number, Number]
    """Least and greatest side of a random crop, in shorter sides of the frame."""
    rotate: Number
    """Degrees, ±: clips are turned by up to this angle; what is missing is reflected."""
    mirror: Share
    """Share of clips that are mirrored, the sides of labels exchanged."""
    colour: NotNegative
    """Greatest change of brightness and of each colour, a share; not of flow."""

    label_smoothing: Share
    """Share of a label that is spread over all."""
    compile: bool
    """Training steps by torch.compile: minutes at the start, then a third less for Video Swin on
    a GPU; needs a C++ compiler."""
    validate_every: Count
    """Epochs between two looks at the validation videos."""
    memory_mb: Whole
    """Megabytes of resized frames kept in memory, over all workers."""


class PredictSettings(Settings):
    """Prediction: the mean of the distributions of `clips` x `crops` clips of a video."""

    clips: Count
    """Clips of a video; of `segment`, the one about the frame."""
    crops: Literal[1, 3]
    """1: the centre of each frame; 3: both ends of its longer side as well."""
    crop_side: Count | None
    """Pixels: the square that the network sees; null: as in its training."""
    batch: Count
    """Clips that go through the network at once."""
    precision: Precision
    workers: Whole
    """Processes that load clips; 0: none beside the program's own."""
    memory_mb: Whole
    """Megabytes of resized frames kept in memory, which several networks share."""


class ClassifierSettings(Settings):
    """A clip classifier."""

    train: TrainSettings
    predict: PredictSettings


class ActionSettings(ClassifierSettings):
    """A clip classifier of actions."""

    view: Literal["frame", "persons"] = "frame"
    """frame, or persons: each tracked person in a square of its own, and the mean over them."""

    @model_validator(mode="after")
    def _persons_are_in_pictures(self) -> Self:
        if self.view == "persons" and self.train.modality != "rgb":
            raise InputError("view: persons is of pictures; expected train.modality rgb")
        return self
