"""VideoMAE: a plain vision transformer on clips, pretrained by filling in what was masked.

Tong et al., "VideoMAE", NeurIPS 2022, arXiv 2203.12602.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from partparse.recognition.encoders import Encoder, EncoderClassifier, dimensions

SIZES: dict[str, tuple[int, int, int]] = {
    "s": (384, 12, 6),
    "b": (768, 12, 12),
    "l": (1024, 24, 16),
    "h": (1280, 32, 16),
}
"""Channels, layers and heads, as published."""

GRID = (8, 14, 14)
"""Patches of the clips of 16 x 224 x 224 that all public weights were trained on."""


class VideoMAEEncoder(Encoder):
    """Clips to tokens; those of the published clips' size as the library has them."""

    def __init__(self, in_channels: int, channels: int, depth: int, heads: int) -> None:
        """Layers of the library, and the fixed positions of the published clips."""
        from transformers import VideoMAEConfig
        from transformers.models.videomae.modeling_videomae import VideoMAELayer

        config = VideoMAEConfig(
            hidden_size=channels,
            num_attention_heads=heads,
            intermediate_size=4 * channels,
            attn_implementation="sdpa",
        )
        super().__init__(in_channels, channels, (VideoMAELayer(config) for _ in range(depth)))
        self.register_buffer("positions", _positions(channels), persistent=False)

    def forward(self, clips: Tensor) -> Tensor:
        """(N, C, T, H, W) -> (N, tokens, channels), not normalised.

        Clips of another size have positions between those of the published, as VideoMAE's
        successors do (Li et al., "Unmasked Teacher", ICCV 2023).
        """
        patches = self.patches(clips)
        positions = self.positions
        if patches.shape[2:] != positions.shape[2:]:
            positions = functional.interpolate(
                positions, size=patches.shape[2:], mode="trilinear", align_corners=False
            )
        tokens = (patches + positions).flatten(2).transpose(1, 2)
        for layer in self.layers:
            tokens = layer(tokens)
        return tokens


def _positions(channels: int) -> Tensor:
    """Sines and cosines of the place of a patch among all: (1, channels, *GRID)."""
    places = torch.arange(GRID[0] * GRID[1] * GRID[2], dtype=torch.float64)
    halves = torch.arange(channels, dtype=torch.float64) // 2 * 2 / channels
    angles = places / 10_000 ** halves[:, None]
    return (
        torch.stack((angles[::2].sin(), angles[1::2].cos()), 1).reshape(1, channels, *GRID).float()
    )


def build_videomae(
    *,
    classes: int,
    size: str | None = "b",
    channels: int | None = None,
    depth: int | None = None,
    heads: int | None = None,
    probe: int | None = None,
    freeze_backbone: bool = False,
    dropout: float = 0.0,
    in_channels: int = 3,
) -> nn.Module:
    """Build a VideoMAE: (N, 3, T, H, W) -> (N, classes); T of 2, H and W of 16 or more.

    Args:
        size: "s", "b", "l" or "h"; None: as `channels`, `depth` and `heads` say.
        channels: of a token, an even number; the heads must divide them.
        depth: layers.
        heads: attention heads of each layer.
        probe: layers of self-attention in an attentive probe; None: the mean of the tokens, as
            in the paper's fine-tuning (`EncoderClassifier`).
        freeze_backbone: the encoder stays as its weights have it, and the head learns.

    Raises:
        ValueError: an unknown size; a size and dimensions, or neither.
    """
    channels, depth, heads = dimensions(size, SIZES, (channels, depth, heads))
    return EncoderClassifier(
        VideoMAEEncoder(in_channels, channels, depth, heads),
        heads=heads,
        probe=probe,
        classes=classes,
        dropout=dropout,
        freeze_backbone=freeze_backbone,
    )
