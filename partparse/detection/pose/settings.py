"""What the pose net is, how it is trained and used."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from partparse.detection.pose.mmpose_adapter import config_file
from partparse.errors import InputError
from partparse.learning.settings import Checksum, FrameStride, Weights
from partparse.running.settings import Count, NotNegative, Number, Positive, Settings, Share, Whole

_Side = Annotated[int, Field(ge=32, multiple_of=32)]  # HRNet's coarsest branch has a stride of 32


NARROW = "narrow"


def _known(network: str) -> str:
    if network != NARROW:
        config_file(network)
    return network


class PoseSettings(Settings):
    """What the pose net is and how it is trained."""

    network: Annotated[str, AfterValidator(_known)]
    """narrow, or a configuration of mmpose (td-hm_hrnet-w48_8xb32-210e_coco-384x288)."""
    width: Count
    """Narrow net: channels of the finest branch; the others have 2, 4 and 8 times as many."""
    blocks: Count
    """Narrow net: residual blocks a branch and stage."""
    input_size: tuple[_Side, _Side]
    """Narrow net: width and height of the crops, pixels; multiples of 32."""
    sigma: Count
    """Narrow net: deviation of the heat maps' Gaussians, pixels of the heat map (4 of the crop)."""
    padding: Positive
    """Side of the crop, in sides of the person's box (mmpose's own weights: 1.25)."""
    weights: Weights
    weights_sha256: Checksum
    epochs: Whole
    """Passes over the training persons; 0: the given weights are used as they are."""
    batch: Count
    """Persons a step."""
    learning_rate: NotNegative
    """Highest rate of AdamW's one-cycle schedule."""
    frame_stride: FrameStride
    half_body: Share
    """Share of crops that hold only the upper or the lower body (COCO: .3)."""
    shift: NotNegative
    """Crops are moved by up to this share of their side, 3 of 10 are (COCO: .16)."""
    scale: tuple[Number, Number]
    """Crops are scaled by a factor between these two (COCO: .5 to 1.5)."""
    rotate: Number
    """Degrees, ±: crops are turned by up to this, 6 of 10 are (COCO: 80)."""
    workers: Whole
    """Processes that load data; 0: none beside the training's own."""
    seed: int
    """Of the initial weights, the order and the augmentation."""

    @model_validator(mode="after")
    def _has_weights(self) -> Self:
        if self.epochs == 0 and self.weights is None:
            raise InputError("epochs is 0 and weights is not set: set one of them")
        return self


class PosePredictionSettings(Settings):
    """How keypoints are predicted."""

    batch: Count
    """Persons that go through the net at once."""
    mirror: bool
    """Average with the mirrored crop, at twice the time."""
