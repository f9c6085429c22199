"""How a detector is trained: what those of persons, parts and objects have in common."""

from typing import Annotated

from pydantic import Field

from partparse.learning.settings import Checksum
from partparse.running.settings import Count, NotNegative, Number, Settings, Share, Whole


class DetectorSettings(Settings):
    """How a detector is trained."""

    network: str
    """A .yaml of ultralytics (yolov5n, yolov8n, yolo11n, yolo26x, …), or a path."""
    weights: str | None
    """Path or URL of pretrained weights (.pt of ultralytics); null: from scratch."""
    weights_sha256: Checksum
    image_size: Annotated[int, Field(ge=32, multiple_of=32)]
    """Pixels, longer side; a multiple of 32."""
    epochs: Count
    """Passes over the training pictures."""
    batch: Count
    """Pictures an optimiser step."""
    optimizer: str
    """ultralytics' name: SGD, AdamW, …"""
    learning_rate: NotNegative
    """The highest; falls linearly to a hundredth."""
    warm_up: NotNegative
    """Epochs in which the learning rate rises."""
    mosaic: Share
    """Share of pictures put together from four."""
    mosaic_off_epochs: Whole
    """Last epochs without mosaic and mixup."""
    mixup: Share
    """Share of pictures that two are blended into."""
    scale: tuple[Number, Number]
    """Least and greatest factor that pictures are resized by."""
    shift: NotNegative
    """Pictures are moved by up to ± this share of their sides."""
    rotate: Number
    """Degrees, ±."""
    shear: Number
    """Degrees, ±."""
    perspective: Number
    """± this factor (0 to 0.001)."""
    mirror: Share
    """Share of pictures mirrored, left and right exchanged."""
    colour: NotNegative
    """Strength of changes of hue, saturation and brightness; 1: ultralytics' usual."""
    workers: Whole
    """Processes that load pictures for a GPU; 0: none beside the training's own."""
    seed: int
    """Of the initial weights, the order and the augmentation."""
