"""Video Swin transformers of torchvision.

Liu et al., "Video Swin Transformer", CVPR 2022. The action model and the video-level states of
the challenge's winner of 2022.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint
from torchvision.models.swin_transformer import SwinTransformerBlock
from torchvision.models.video.swin_transformer import PatchEmbed3d, SwinTransformer3d

SIZES: dict[str, tuple[int, tuple[int, ...], tuple[int, ...]]] = {
    "t": (96, (2, 2, 6, 2), (3, 6, 12, 24)),
    "s": (96, (2, 2, 18, 2), (3, 6, 12, 24)),
    "b": (128, (2, 2, 18, 2), (4, 8, 16, 32)),
}
"""Channels after the patches are embedded, blocks and heads in each stage, as published."""


def build_swin3d(
    *,
    classes: int,
    size: str | None = "t",
    channels: int | None = None,
    depths: Sequence[int] | None = None,
    heads: Sequence[int] | None = None,
    patch: Sequence[int] = (2, 4, 4),
    window: Sequence[int] = (8, 7, 7),
    dropout: float = 0.0,
    stochastic_depth: float = 0.1,
    checkpointing: bool = False,
    in_channels: int = 3,
) -> nn.Module:
    """Build a Video Swin: (N, 3, T, H, W) -> (N, classes), for any T, H, W.

    Args:
        size: "t", "s" or "b"; None: as `channels`, `depths` and `heads` say.
        channels: channels of the first stage, doubled with each; the heads must divide them.
        depths: blocks in each stage.
        heads: attention heads in each stage.
        patch: frames, rows and columns of a patch.
        window: patches of a window of attention, in time, down and across.
        dropout: share of features dropped in the blocks in training.
        stochastic_depth: share of skipped branches at the last block; rises linearly to it.
        checkpointing: activations within a block are computed again in the backward pass: a third
            more time, and of the windows' attention, tens of gigabytes for a clip of 32 x 320 x
            320, that of one block is held (Chen et al., arXiv 1604.06174).

    Raises:
        ValueError: an unknown size; a size and dimensions, or neither.
    """
    own: tuple[Any, Any, Any] = (channels, depths, heads)
    if size is None and None in own:
        raise ValueError("without a size it needs channels, depths and heads")
    if size is not None and size not in SIZES:
        raise ValueError(f"size {size!r} is none of {', '.join(SIZES)}")
    if size is not None and own != (None, None, None):
        raise ValueError("channels, depths and heads go with size: null")
    embedded, blocks, attention = own if size is None else SIZES[size]
    return SwinTransformer3d(
        patch_size=list(patch),
        embed_dim=embedded,
        depths=list(blocks),
        num_heads=list(attention),
        window_size=list(window),
        dropout=dropout,
        stochastic_depth_prob=stochastic_depth,
        num_classes=classes,
        block=_RecomputedBlock if checkpointing else None,
        patch_embed=partial(PatchEmbed3d, in_channels=in_channels),
    )


class _RecomputedBlock(SwinTransformerBlock):
    """A block that is differentiated by computing it once more."""

    def forward(self, x: Tensor) -> Tensor:
        if not torch.is_grad_enabled():
            return super().forward(x)
        return checkpoint(super().forward, x, use_reentrant=False)
