"""I3D, as pytorchvideo has it: a ResNet whose filters are inflated in time.

Carreira & Zisserman, "Quo Vadis, Action Recognition?", CVPR 2017, inflated an Inception-v1; the
inflated ResNet-50 is the one that Wang et al., "Non-local Neural Networks", CVPR 2018, and since
then the public model zoos call I3D.
"""

from pytorchvideo.models.resnet import create_resnet
from torch import nn


def build_i3d(
    *,
    classes: int,
    depth: int = 50,
    stem_channels: int = 64,
    dropout: float = 0.5,
    in_channels: int = 3,
) -> nn.Module:
    """Build an I3D: (N, 3, T, H, W) -> (N, classes), T of 2 or more; H, W are reduced 32 times.

    Args:
        depth: of the ResNet: 50, 101 or 152.
        stem_channels: channels after the stem; the stages have 4, 8, 16 and 32 times as many.

    Raises:
        ValueError: for another depth.
    """
    if depth not in (50, 101, 152):
        raise ValueError(f"depth {depth} is none of 50, 101, 152")
    return create_resnet(
        input_channel=in_channels,
        model_depth=depth,
        model_num_class=classes,
        dropout_rate=dropout,
        stem_dim_out=stem_channels,
        stem_conv_kernel_size=(5, 7, 7),
        stage1_pool=nn.MaxPool3d,
        stage_conv_a_kernel_size=(
            (3, 1, 1),
            [(3, 1, 1), (1, 1, 1)],
            [(3, 1, 1), (1, 1, 1)],
            [(1, 1, 1), (3, 1, 1)],
        ),
        head_pool=nn.AdaptiveAvgPool3d,
    )
