"""What the pose net is, how it is trained and used."""

from dataclasses import dataclass

from partparse.errors import InputError

_STRIDE = 32  # of HRNet's coarsest branch: sides of crops are multiples of it


@dataclass(frozen=True)
class PoseSettings:
    """What the pose net is and how it is trained."""

    model: str
    """"narrow", or one of mmpose's configurations (`mmpose_adapter.config_names`)."""
    width: int
    """Narrow net: channels of the finest branch; the coarser ones have 2, 4 and 8 times as many."""
    blocks: int
    """Narrow net: residual blocks a branch and stage."""
    input_size: tuple[int, int]
    """Narrow net: width and height of the crops, pixels; multiples of 32."""
    sigma: int
    """Narrow net: deviation of the heat maps' Gaussians, heat-map pixels (4 crop pixels each)."""
    padding: float
    """Side of the crop as a multiple of the box's; mmpose's own weights expect 1.25."""
    weights: str | None
    """Path or URL of weights to start from; None: from scratch."""
    weights_sha256: str | None
    """Checksum of the file that `weights` names."""
    epochs: int
    """Passes over the training persons; 0 with weights: use them as they are."""
    batch: int
    """Persons a step."""
    learning_rate: float
    """Highest rate of AdamW's one-cycle schedule."""
    frame_stride: int
    """Every n-th annotated frame of a video is trained on."""
    half_body: float
    """Probability of a crop that holds only the upper or the lower body."""
    shift: float
    """Crops are moved by up to this fraction of their side (3 crops of 10 are)."""
    scale: tuple[float, float]
    """Crops are scaled by a factor between these two."""
    rotation: float
    """Crops are turned by up to this many degrees (6 crops of 10 are)."""
    workers: int
    """Processes that load data; 0: none beside the training's own."""
    seed: int

    def __post_init__(self) -> None:
        """Turn JSON's lists into tuples and refuse what can't be built."""
        object.__setattr__(self, "input_size", tuple(self.input_size))
        object.__setattr__(self, "scale", tuple(self.scale))
        if len(self.input_size) != 2 or any(n < 1 or n % _STRIDE for n in self.input_size):
            raise InputError(
                f"pose: input_size {list(self.input_size)}: expected two multiples of {_STRIDE}"
            )
        if self.epochs == 0 and self.weights is None:
            raise InputError("pose: epochs is 0 and weights is not set: set one of them")


@dataclass(frozen=True)
class PosePredictionSettings:
    """How keypoints are predicted."""

    batch: int
    """Persons that go through the net at once."""
    flip: bool
    """Average with the mirrored crop: twice the time."""
