"""What a clip classifier is made of, trained with and predicted with."""

from dataclasses import dataclass
from typing import Any

from partparse.errors import InputError
from partparse.learning.settings import PRECISIONS, FitSettings, one_of


@dataclass(frozen=True)
class TrainSettings(FitSettings):
    """Training of one clip classifier."""

    network: tuple[str, dict[str, Any]]
    """Name of a network in the registry, and its own settings.

    A list in the config: Snakemake merges mappings of overlays, but replaces lists, and a setting
    of one network must not end in another.
    """
    weights: str | None
    """Path or URL of pretrained weights; None: from random weights."""
    weights_sha256: str | None
    """Checksum of the file that `weights` names; needed for a URL."""
    freeze_bn: bool
    """Keep batch norms as the weights have them: no gradient, no new statistics."""

    modality: str
    """"rgb", or "flow": clips of optical flow instead of pictures."""
    sampling: str
    """"uniform" (one frame out of each of `length` equal segments) or "dense" (a window)."""
    length: int
    """Frames in a clip."""
    stride: int
    """Frames from one frame of a dense clip to the next."""
    frame_side: int
    """Pixels: the shorter side that frames are resized to when they are read."""
    crop_side: int
    """Pixels: side of the square that the network sees."""
    scale: tuple[float, float]
    """Least and greatest side of a random crop, as shares of the frame's shorter side."""
    rotate: float
    """Degrees: clips are turned by up to ± this angle; what is missing is reflected."""
    flip: float
    """Share of clips that are mirrored, with the sides exchanged where labels know them."""
    jitter: float
    """Greatest change of a clip's brightness and of each colour, as a share; not of flow."""

    label_smoothing: float
    compile: bool
    """Compile training steps (torch.compile; needs a C++ compiler): shorter for some networks."""
    validate_every: int
    """Epochs between two looks at the validation videos."""
    memory_mb: int
    """Memory for resized frames, which are then read once a run; over all workers."""

    def __post_init__(self) -> None:
        """Raise InputError for a choice that does not exist."""
        super().__post_init__()
        one_of("modality", self.modality, ("rgb", "flow"))
        one_of("sampling", self.sampling, ("uniform", "dense"))


@dataclass(frozen=True)
class PredictSettings:
    """Prediction: the mean of the distributions of `clips` x `crops` clips of a video."""

    clips: int
    """Clips of a video."""
    crops: int
    """1: the centre of each frame; 3: both ends of its longer side as well."""
    batch: int
    """Clips that go through the network at once."""
    precision: str
    """"32-true" or "bf16-mixed"."""
    workers: int
    """Processes that load clips; 0: none beside the program's own."""
    memory_mb: int
    """Memory for resized frames, which several networks then share; over all workers."""

    def __post_init__(self) -> None:
        """Raise InputError for a choice that does not exist."""
        if self.crops not in (1, 3):
            raise InputError(f"setting crops: 1 or 3, not {self.crops}")
        one_of("precision", self.precision, PRECISIONS)
