"""How many pictures a network sees at once on a GPU."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional


def forward_on(
    device: torch.device, forward: Callable[[Tensor], Tensor], pictures: Tensor
) -> Tensor:
    """What `forward` gives for pictures (N, C, H, W) that it sees on `device`: (N, ...).

    A GPU sees them filled up to a power of two: cuDNN plans each convolution anew for each number
    of pictures, which takes longer than to compute some in vain.
    """
    if device.type == "cpu":
        return forward(pictures)
    return forward(fill_up(pictures).to(device))[: len(pictures)]


def fill_up(pictures: Tensor) -> Tensor:
    """Black pictures behind N >= 1 (N, C, H, W), so that they are a power of two."""
    missing = (1 << (len(pictures) - 1).bit_length()) - len(pictures)
    return functional.pad(pictures, (0, 0, 0, 0, 0, 0, 0, missing))
