"""How a detector is trained: what the person and the part detector have in common."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DetectorSettings:
    """How a detector is trained."""

    model: str
    """Network: the name of an ultralytics .yaml (yolo11n.yaml), or a path to one."""
    weights: str | None
    """Pretrained weights, a path or URL of a .pt; None: from scratch."""
    weights_sha256: str | None
    """Checksum of that file: required with `weights`."""
    image_size: int
    """Longer side of the network's input, pixels; a multiple of 32."""
    epochs: int
    """Passes over the training pictures."""
    batch: int
    """Pictures an optimiser step."""
    optimizer: str
    """ultralytics' name: SGD, AdamW, …"""
    learning_rate: float
    """Highest learning rate; falls linearly to a hundredth."""
    warmup_epochs: float
    """Epochs in which the learning rate rises."""
    mosaic: float
    """Share of the training pictures that are put together from four."""
    mosaic_off_epochs: int
    """Last epochs without mosaic."""
    mixup: float
    """Share of the training pictures that two are blended into."""
    scale: float
    """Resizing by 1 ± this factor."""
    translate: float
    """Shift by ± this share of the picture."""
    rotate: float
    """Rotation by ± degrees."""
    shear: float
    """Shear by ± degrees."""
    perspective: float
    """Perspective, ± this factor (0 to 0.001)."""
    mirror: float
    """Share of the training pictures that are mirrored, left and right exchanged."""
    colour: float
    """Strength of random changes of hue, saturation and brightness; 1: ultralytics' usual."""
    workers: int
    """Processes that load pictures for a GPU (0: the training's own; always so on a CPU)."""
    seed: int
    """Of the initial weights, the order and the augmentation."""
