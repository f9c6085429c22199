"""Features of persons, cut out of a clip's feature map: the plain head, as of AVA's baselines."""

import torch
from torch import Tensor, nn
from torchvision.ops import roi_align

_CELLS = 7  # a side of the grid that a person's box is sampled on


class Rois(nn.Module):
    """What is known of a batch's persons, without parameters: here so that heads share it."""

    def __init__(self, stride: int) -> None:
        """`stride`: pixels of the clip to one of the feature map, on each axis."""
        super().__init__()
        self._scale = 1 / stride

    def forward(self, maps: Tensor, boxes: Tensor, owners: Tensor) -> Tensor:
        """RoIAlign on 7 x 7 cells, of which the greatest counts.

        Args:
            maps: (N, C, h, w), a clip each.
            boxes: (P, 4) x1, y1, x2, y2 in pixels of the clips, as edges: a box that covers the
                first pixel alone is 0, 0, 1, 1.
            owners: (P,) the clip of each person.

        Returns:
            (P, C).
        """
        rois = torch.cat([owners[:, None].to(boxes.dtype), boxes], 1)
        cells: Tensor = roi_align(maps, rois, _CELLS, self._scale, aligned=True)
        return cells.amax((2, 3))


class RoiHead(nn.Module):
    """A person is what is seen in the box: nothing of the others, nothing of the scene."""

    def __init__(self, channels: int, stride: int) -> None:
        """Take maps of `channels` channels, one pixel of them for `stride` of the clip."""
        super().__init__()
        self.channels = channels
        self.rois = Rois(stride)

    def forward(self, maps: Tensor, boxes: Tensor, owners: Tensor) -> Tensor:
        """(N, C, h, w), (P, 4), (P,) as of `Rois` -> (P, channels)."""
        features: Tensor = self.rois(maps, boxes, owners)
        return features


def same_clip(owners: Tensor) -> Tensor:
    """(P,) clips of the persons -> (P, P): which persons may know of each other."""
    return owners[:, None] == owners[None, :]
