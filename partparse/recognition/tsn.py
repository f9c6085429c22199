"""TSN: torchvision's ResNet on each frame, the scores averaged over the segments.

Wang et al., "Temporal Segment Networks", ECCV 2016. Its segments are what uniform sampling takes
a frame of.
"""

from collections.abc import Sequence

import torch
from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

from partparse.recognition.input_channels import change_input_channels

DEPTHS: dict[int, tuple[type[nn.Module], tuple[int, ...]]] = {
    18: (BasicBlock, (2, 2, 2, 2)),
    34: (BasicBlock, (3, 4, 6, 3)),
    50: (Bottleneck, (3, 4, 6, 3)),
    101: (Bottleneck, (3, 4, 23, 3)),
    152: (Bottleneck, (3, 8, 36, 3)),
}
"""Kind of block and blocks in each stage, for the published depths."""


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
    *,
    classes: int,
    depth: int | Sequence[int] = 50,
    dropout: float = 0.4,
    in_channels: int = 3,
) -> nn.Module:
    """Build a TSN: (N, 3, T, H, W) -> (N, classes), for any T; H, W are reduced 32 times.

    Args:
        classes: number of classes.
        depth: 18, 34, 50, 101 or 152, or the number of basic blocks in each of the four stages.
        dropout: share of features dropped before the classifier in training.
        in_channels: channels of a clip (3: RGB, 2: optical flow).

    Raises:
        ValueError: for another depth.
    """
    if isinstance(depth, int) and depth not in DEPTHS:
        raise ValueError(f"depth {depth} is none of {', '.join(map(str, DEPTHS))}")
    block, blocks = DEPTHS[depth] if isinstance(depth, int) else (BasicBlock, tuple(depth))
    if len(blocks) != 4:
        raise ValueError(f"depth is the blocks of 4 stages, not {list(blocks)}")
    network = SegmentNetwork(block, list(blocks), classes, dropout)
    return change_input_channels(network, in_channels)
