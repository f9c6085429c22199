"""TSN: torchvision's ResNet on each frame, the scores averaged over the segments.

Wang et al., "Temporal Segment Networks", ECCV 2016. Its segments are what uniform sampling takes
a frame of.
"""

from collections.abc import Sequence

import torch
from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

from partparse.recognition.building import change_input_channels, stage_blocks

DEPTHS: dict[int, tuple[int, ...]] = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
"""Blocks in each stage, for the published depths; they are bottlenecks from 50 on."""


class SegmentNetwork(ResNet):
    """A ResNet whose clips (N, C, T, H, W) are judged by the mean of their frames' scores.

    The names of its weights are those of torchvision's ResNet.
    """

    def __init__(
        self, block: type[nn.Module], layers: list[int], classes: int, dropout: float
    ) -> None:
        """`dropout`: share of a frame's features dropped before the classifier in training."""
        super().__init__(block, layers, num_classes=classes)
        self.dropout = nn.Dropout(dropout)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """(N, C, T, H, W) -> (N, classes), the segments' consensus."""
        frames = clips.transpose(1, 2).flatten(0, 1)
        features = self.maxpool(self.relu(self.bn1(self.conv1(frames))))
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            features = layer(features)
        scores = self.fc(self.dropout(self.avgpool(features).flatten(1)))
        return scores.unflatten(0, (clips.shape[0], clips.shape[2])).mean(1)


def build_tsn(
    *, classes: int, depth: int | Sequence[int] = 50, dropout: float = 0.4, in_channels: int = 3
) -> nn.Module:
    """Build a TSN: (N, 3, T, H, W) -> (N, classes), for any T; H, W are reduced 32 times.

    Args:
        depth: 18, 34, 50, 101 or 152, or the number of basic blocks in each of the four stages.

    Raises:
        ValueError: for another depth.
    """
    block = Bottleneck if isinstance(depth, int) and depth >= 50 else BasicBlock
    network = SegmentNetwork(block, stage_blocks(depth, DEPTHS), classes, dropout)
    return change_input_channels(network, in_channels)
