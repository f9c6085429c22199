"""Channel-separated networks, ir-CSN and ip-CSN.

Tran et al., "Video Classification with Channel-Separated Convolutional Networks", ICCV 2019.
Composed of pytorchvideo's blocks, because its own `create_csn` knows ir-CSN alone, has no depth
but the published ones, and its batch norms differ from those of the public checkpoints (1e-3).
"""

from collections.abc import Sequence
from typing import Any

from pytorchvideo.models.head import create_res_basic_head
from pytorchvideo.models.net import Net
from pytorchvideo.models.resnet import create_bottleneck_block, create_res_stage
from torch import nn

from partparse.recognition.building import create_stem, stage_blocks

DEPTHS: dict[int, tuple[int, ...]] = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
"""Blocks in each stage, for the published depths."""

BATCH_NORM_EPS = 1e-3
_STRIDES = (1, 2, 2, 2)  # of each stage, in time and in space
_EXPANSION = 4  # a stage's channels over those inside its bottlenecks


def build_csn(
    *,
    classes: int,
    bottleneck: str,
    depth: int | Sequence[int] = 152,
    stem_channels: int = 64,
    dropout: float = 0.0,
    in_channels: int = 3,
) -> nn.Module:
    """Build a CSN: (N, 3, T, H, W) -> (N, classes); T and H, W are reduced 8 and 32 times.

    Args:
        bottleneck: "ir" (interaction-reduced: the 3x3x3 convolution is depthwise) or "ip"
            (interaction-preserved: a 1x1x1 convolution and batch norm before it).
        depth: 50, 101 or 152, or the number of blocks in each of the four stages.
        stem_channels: channels after the stem; the stages have 4, 8, 16 and 32 times as many.

    Raises:
        ValueError: for another bottleneck or depth.
    """
    convolutions = {"ir": nn.Conv3d, "ip": _preserving_convolution}
    if bottleneck not in convolutions:
        raise ValueError(f"bottleneck is 'ir' or 'ip', not {bottleneck!r}")
    blocks = [create_stem(in_channels, stem_channels, 3)]
    channels = stem_channels
    outputs = stem_channels * _EXPANSION
    for stage_depth, stride in zip(stage_blocks(depth, DEPTHS), _STRIDES, strict=True):
        blocks.append(
            create_res_stage(
                depth=stage_depth,
                dim_in=channels,
                dim_inner=outputs // _EXPANSION,
                dim_out=outputs,
                bottleneck=create_bottleneck_block,
                conv_a_kernel_size=(1, 1, 1),
                conv_a_stride=(1, 1, 1),
                conv_a_padding=(0, 0, 0),
                conv_b=convolutions[bottleneck],
                conv_b_kernel_size=(3, 3, 3),
                conv_b_stride=(stride, stride, stride),
                conv_b_padding=(1, 1, 1),
                conv_b_num_groups=outputs // _EXPANSION,
            )
        )
        channels, outputs = outputs, outputs * 2
    blocks.append(
        create_res_basic_head(
            in_features=channels,
            out_features=classes,
            pool=nn.AdaptiveAvgPool3d,
            output_size=(1, 1, 1),
            dropout_rate=dropout,
        )
    )
    network = Net(blocks=nn.ModuleList(blocks))
    for module in network.modules():
        if isinstance(module, nn.BatchNorm3d):
            module.eps = BATCH_NORM_EPS
    return network


def _preserving_convolution(in_channels: int, out_channels: int, **depthwise: Any) -> nn.Module:
    return nn.Sequential(
        nn.Conv3d(in_channels, in_channels, kernel_size=1, bias=False),
        nn.BatchNorm3d(in_channels),
        nn.Conv3d(in_channels, out_channels, **depthwise),
    )
