"""Multiscale vision transformers of torchvision, for clips of any size.

Fan et al., "Multiscale Vision Transformers", ICCV 2021 (v1), and Li et al., "MViTv2", CVPR 2022.
torchvision's forward takes clips of 16 x 224 x 224 alone; the positions that it learns are
resampled here to what a clip has, as their authors do.
"""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional
from torchvision.models.video.mvit import MSBlockConfig, MViT, mvit_v1_b, mvit_v2_s

from partparse.recognition.building import change_input_channels

PUBLISHED = {"v1_b": mvit_v1_b, "v2_s": mvit_v2_s}  # torchvision's builders of the published sizes


class ResizableMViT(nn.Module):
    """The layers of a torchvision MViT under their names, without its fixed size of clips."""

    def __init__(self, network: MViT) -> None:
        """`network`: whose layers are taken over."""
        super().__init__()
        for name, child in network.named_children():
            self.add_module(name, child)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """(N, C, T, H, W) -> (N, classes), from the class token."""
        patches = self.conv_proj(clips)
        grid = tuple(patches.shape[2:])
        tokens = patches.flatten(2).transpose(1, 2)
        token = self.pos_encoding.class_token.expand(len(tokens), 1, -1)
        tokens = torch.cat((token, tokens), dim=1)
        if self.pos_encoding.spatial_pos is not None:
            tokens = tokens + self._positions(grid)
        for block in self.blocks:
            tokens, grid = block(tokens, grid)
        return self.head(self.norm(tokens)[:, 0])

    def _positions(self, grid: tuple[int, ...]) -> torch.Tensor:
        """What v1 adds to each token: (1, 1 + T * H * W, channels), the class token's first."""
        learnt = self.pos_encoding
        space = learnt.spatial_pos.unflatten(0, learnt.spatial_size).permute(2, 0, 1)[None]
        time = learnt.temporal_pos.T[None]
        if space.shape[2:] != grid[1:]:
            space = functional.interpolate(space, size=grid[1:], mode="bicubic")
        if time.shape[2:] != grid[:1]:
            time = functional.interpolate(time, size=grid[:1], mode="linear")
        every = time.mT[:, :, None] + space.flatten(2).mT[:, None]  # (1, T, H * W, channels)
        return torch.cat((learnt.class_pos[None, None], every.flatten(1, 2)), dim=1)


def build_mvit(
    *,
    classes: int,
    size: str | None = "v2_s",
    channels: int | None = None,
    depths: Sequence[int] | None = None,
    dropout: float = 0.5,
    stochastic_depth: float = 0.2,
    in_channels: int = 3,
) -> nn.Module:
    """Build an MViT: (N, 3, T, H, W) -> (N, classes); H, W of 32 or more.

    Args:
        size: "v2_s" or "v1_b"; None: a v2 as `channels` and `depths` say.
        channels: channels and size of the one head of the first stage; both double with each.
        depths: blocks in each stage; each stage but the first halves height and width.
        stochastic_depth: share of skipped branches at the last block; rises linearly to it.

    Raises:
        ValueError: an unknown size; a size and dimensions, or neither.
    """
    if size is not None and size not in PUBLISHED:
        raise ValueError(f"size {size!r} is none of {', '.join(PUBLISHED)}")
    if any((size is None) == (value is None) for value in (channels, depths)):
        raise ValueError("it needs a size, or size: null, channels and depths")
    how = {"num_classes": classes, "dropout": dropout, "stochastic_depth_prob": stochastic_depth}
    if size is not None:
        network = PUBLISHED[size](**how)
    else:
        network = MViT(
            spatial_size=(224, 224),
            temporal_size=16,
            block_setting=_blocks(channels or 0, depths or ()),
            residual_pool=True,
            residual_with_cls_embed=False,
            rel_pos_embed=True,
            proj_after_attn=True,
            **how,
        )
    return ResizableMViT(change_input_channels(network, in_channels))


def _blocks(channels: int, depths: Sequence[int]) -> list[MSBlockConfig]:
    """The blocks of a v2: keys are pooled most in the first stages, queries where one begins."""
    blocks = []
    inputs = channels
    for stage, depth in enumerate(depths):
        for block in range(depth):
            halves = 2 if stage and not block else 1
            pooled = 2 ** (len(depths) - 1 - stage)
            blocks.append(
                MSBlockConfig(
                    num_heads=2**stage,
                    input_channels=inputs,
                    output_channels=channels * 2**stage,
                    kernel_q=[3, 3, 3],
                    kernel_kv=[3, 3, 3],
                    stride_q=[1, halves, halves],
                    stride_kv=[1, pooled, pooled],
                )
            )
            inputs = channels * 2**stage
    return blocks
