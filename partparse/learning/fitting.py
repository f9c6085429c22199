"""Weights of pictures for clips, and of colours for other channels, by the published rules."""

import torch
from torch import Tensor

_COLOURS = 3
_POSITIONS = "relative_position_bias_table"


def fit_weight(name: str, value: Tensor, own: torch.Size) -> Tensor:
    """The weight `name` in the shape `own` of the network's, where one of these rules leads to it.

    - A 2D filter is repeated over time and divided by its new length, so that a clip that does
      not move gives what the picture gave (I3D: Carreira & Zisserman, CVPR 2017).
    - A filter of colours is averaged over them for any other number of channels, flow's for
      instance (cross-modality initialisation: Wang et al., TSN, ECCV 2016).
    - A 2D table of relative positions is repeated for every distance in time (Video Swin).

    Where none does, the value is returned as it is.
    """
    if value.dim() == 4 and len(own) == 5 and value.shape[2:] == own[3:]:
        value = value.unsqueeze(2).expand(-1, -1, own[2], -1, -1) / own[2]
    if value.dim() == len(own) > 2 and value.shape[1] == _COLOURS != own[1]:
        value = value.mean(1, keepdim=True).expand(-1, own[1], *[-1] * (len(own) - 2))
    if name.endswith(_POSITIONS) and value.shape[1] == own[1] and own[0] % len(value) == 0:
        value = value.repeat(own[0] // len(value), 1)
    return value
