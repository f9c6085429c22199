"""What a clip classifier is made of, trained with and predicted with."""

from dataclasses import dataclass
from typing import Any

from partparse.errors import InputError

_PRECISIONS = ("32-true", "bf16-mixed")


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(f"setting {name}: {value!r} is none of {', '.join(known)}")


@dataclass(frozen=True)
class TrainSettings:
    """Training of one clip classifier."""

    network: dict[str, Any]
    """`name` of a network in the registry, and its own settings."""
    weights: str | None
    """Path or URL of pretrained weights; None: from random weights."""
    weights_sha256: str | None
    """Checksum of the file that `weights` names; needed for a URL."""
    freeze_bn: bool
    """Keep batch norms as the weights have them: no gradient, no new statistics."""

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
    flip: float
    """Share of clips that are mirrored; safe for labels that know no left and right."""
    jitter: float
    """Greatest change of a clip's brightness and of each colour, as a share."""

    epochs: int
    batch: int
    """Clips in an optimiser step."""
    optimizer: str
    """"sgd" (Nesterov) or "adamw"."""
    learning_rate: float
    momentum: float
    """Of SGD; the first beta of AdamW."""
    weight_decay: float
    schedule: str
    """"one_cycle" (rise over `warm_up`, cosine to 0) or "step" (a tenth at each of `drops`)."""
    warm_up: float
    """Epochs in which the rate rises linearly."""
    drops: tuple[int, ...]
    """Epochs at which a step schedule drops."""
    label_smoothing: float
    precision: str
    """Lightning's name, "32-true" or "bf16-mixed"."""

    validate_every: int
    """Epochs between two looks at the validation videos."""
    checkpoint_every: int
    """Epochs between two checkpoints; a killed run goes on from the last one."""
    workers: int
    """Processes that load clips; 0: none beside the training's own."""
    memory_mb: int
    """Memory for resized frames, which are then read once a run; over all workers."""
    seed: int

    def __post_init__(self) -> None:
        """Raise InputError for a choice that does not exist."""
        _one_of("sampling", self.sampling, ("uniform", "dense"))
        _one_of("optimizer", self.optimizer, ("sgd", "adamw"))
        _one_of("schedule", self.schedule, ("one_cycle", "step"))
        _one_of("precision", self.precision, _PRECISIONS)


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
        _one_of("precision", self.precision, _PRECISIONS)
