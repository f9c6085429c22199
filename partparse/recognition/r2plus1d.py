"""R(2+1)D of torchvision.

Tran et al., "A Closer Look at Spatiotemporal Convolutions for Action Recognition", CVPR 2018.
"""

from collections.abc import Sequence

from torch import nn
from torchvision.models.video.resnet import BasicBlock, Conv2Plus1D, R2Plus1dStem, VideoResNet

from partparse.recognition.building import change_input_channels, stage_blocks

DEPTHS: dict[int, tuple[int, ...]] = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}
"""Blocks in each stage, for the published depths."""


def build_r2plus1d(
    *, classes: int, depth: int | Sequence[int] = 18, in_channels: int = 3
) -> nn.Module:
    """Build an R(2+1)D: (N, 3, T, H, W) -> (N, classes); T and H, W are reduced 8 and 16 times.

    Args:
        depth: 18 or 34, or the number of blocks in each of the four stages.

    Raises:
        ValueError: for another depth.
    """
    network = VideoResNet(
        block=BasicBlock,
        conv_makers=[Conv2Plus1D] * 4,
        layers=stage_blocks(depth, DEPTHS),
        stem=R2Plus1dStem,
        num_classes=classes,
    )
    return change_input_channels(network, in_channels)
