"""How many pictures a network sees at once, which is another number on each kind of device."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional


def forward_in_batches(
    forward: Callable[[Tensor], Tensor], pictures: Tensor, device: torch.device, cpu_pixels: int
) -> Tensor:
    """What `forward` gives for pictures (N, C, H, W), N >= 1, seen on `device`: (N, ...).

    A CPU sees about `cpu_pixels` of their pixels at once, up to twice as many, as memory is short
    there. A GPU sees all, filled up to a power of two: cuDNN plans each convolution anew for each
    number of pictures, which takes longer than to compute some in vain.
    """
    if device.type == "cpu":
        most = max(1, cpu_pixels // (pictures.shape[2] * pictures.shape[3]))
        # no rest of a few: torch takes slower convolutions for fewer than 16 pictures
        batches = pictures.tensor_split(max(1, len(pictures) // most))
        return torch.cat([forward(some) for some in batches])
    return forward(fill_up(pictures).to(device))[: len(pictures)]


def fill_up(pictures: Tensor) -> Tensor:
    """Black pictures behind N >= 1 (N, C, H, W), so that they are a power of two."""
    missing = (1 << (len(pictures) - 1).bit_length()) - len(pictures)
    return functional.pad(pictures, (0, 0, 0, 0, 0, 0, 0, missing))
