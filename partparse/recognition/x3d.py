"""X3D of pytorchvideo.

Feichtenhofer, "X3D: Expanding Architectures for Efficient Video Recognition", CVPR 2020.
"""

from pytorchvideo.models.x3d import create_x3d
from torch import nn

DEPTHS: dict[str, float] = {"xs": 2.2, "s": 2.2, "m": 2.2, "l": 5.0}
"""Depth factors of the published sizes; xs, s and m differ in the clips that they see."""


def build_x3d(
    *,
    classes: int,
    size: str | None = "m",
    width_factor: float = 2.0,
    depth_factor: float | None = None,
    features: int = 2048,
    dropout: float = 0.5,
    in_channels: int = 3,
) -> nn.Module:
    """Build an X3D: (N, 3, T, H, W) -> (N, classes), for any T, H, W; H, W are reduced 32 times.

    Args:
        size: "xs", "s", "m" or "l"; None: as deep as `depth_factor` says.
        width_factor: factor on the channels of all stages.
        depth_factor: factor on the blocks of all stages (1, 2, 5, 3); rounded up.
        features: channels before the classifier.

    Raises:
        ValueError: an unknown size; a size and a depth factor, or neither.
    """
    if size is not None and size not in DEPTHS:
        raise ValueError(f"size {size!r} is none of {', '.join(DEPTHS)}")
    if (size is None) == (depth_factor is None):
        raise ValueError("it needs a size, or size: null and a depth_factor")
    network = create_x3d(
        input_channel=in_channels,
        model_num_class=classes,
        dropout_rate=dropout,
        width_factor=width_factor,
        depth_factor=depth_factor if size is None else DEPTHS[size],
        head_dim_out=features,
        head_activation=None,
    )
    # pytorchvideo's window fits one size of clips alone; this is the same there
    network.blocks[-1].pool.pool = nn.AdaptiveAvgPool3d((1, 1, 1))
    return network
