"""V-JEPA 2: a vision transformer on clips, pretrained by predicting features of what was masked.

Assran et al., "V-JEPA 2", 2025, arXiv 2506.09985. Its encoder is meant to stay frozen, and an
attentive probe to learn.
"""

import torch
from torch import Tensor, nn

from partparse.recognition.encoders import Encoder, EncoderClassifier, dimensions

SIZES: dict[str, tuple[int, int, int]] = {
    "l": (1024, 24, 16),
    "h": (1280, 32, 16),
    "g": (1408, 40, 22),
}
"""Channels, layers and heads, as published."""

_RATIOS = {"g": 48 / 11}  # of a layer's hidden channels to its own, where it is not 4

Places = tuple[Tensor, Tensor, Tensor]
"""Of each token in time, down and across: (tokens,) each."""


class VJEPA2Encoder(Encoder):
    """Clips to tokens."""

    def __init__(
        self,
        in_channels: int,
        channels: int,
        depth: int,
        heads: int,
        *,
        ratio: float,
        stochastic_depth: float,
    ) -> None:
        """Layers of the library; `ratio` of a layer's hidden channels to its own."""
        from transformers import VJEPA2Config
        from transformers.models.vjepa2.modeling_vjepa2 import VJEPA2Layer

        config = VJEPA2Config(
            hidden_size=channels,
            num_attention_heads=heads,
            drop_path_rate=stochastic_depth,
            attn_implementation="sdpa",
        )
        shape = {"hidden_size": channels, "num_attention_heads": heads, "mlp_ratio": ratio}
        rates = torch.linspace(0, stochastic_depth, depth, device="cpu").tolist()
        super().__init__(
            in_channels, channels, (VJEPA2Layer(config, rate, **shape) for rate in rates)
        )
        self.norm = nn.LayerNorm(channels, eps=config.layer_norm_eps)
        for layer in self.layers:
            layer.attention.get_position_ids = _as_given

    def forward(self, clips: Tensor) -> Tensor:
        """(N, C, T, H, W) -> (N, tokens, channels)."""
        patches = self.patches(clips)
        sides = (torch.arange(side, device=clips.device) for side in patches.shape[2:])
        places = tuple(place.flatten() for place in torch.meshgrid(*sides, indexing="ij"))
        tokens = patches.flatten(2).transpose(1, 2)
        for layer in self.layers:
            tokens, _ = layer(tokens, places)
        return self.norm(tokens)


def _as_given(_: Tensor, masks: Places) -> Places:
    """The library works places out for square clips of one size; here they are handed through."""
    return masks


def build_vjepa2(
    *,
    classes: int,
    size: str | None = "l",
    channels: int | None = None,
    depth: int | None = None,
    heads: int | None = None,
    probe: int | None = 3,
    freeze_backbone: bool = True,
    dropout: float = 0.0,
    stochastic_depth: float = 0.0,
    in_channels: int = 3,
) -> nn.Module:
    """Build a V-JEPA 2: (N, 3, T, H, W) -> (N, classes); T of 2, H and W of 16 or more.

    Args:
        size: "l", "h" or "g"; None: as `channels`, `depth` and `heads` say.
        channels: of a token; the heads must divide them into 6 channels or more each.
        depth: layers.
        heads: attention heads of each layer.
        probe: layers of self-attention in the attentive probe: 3 in the paper's; None: the mean
            of the tokens (`EncoderClassifier`).
        freeze_backbone: the encoder stays as its weights have it, and the head learns.
        stochastic_depth: share of skipped branches at the last layer; rises linearly to it.

    Raises:
        ValueError: an unknown size; a size and dimensions, or neither.
    """
    channels, depth, heads = dimensions(size, SIZES, (channels, depth, heads))
    ratio = _RATIOS.get(size or "", 4.0)
    return EncoderClassifier(
        VJEPA2Encoder(
            in_channels, channels, depth, heads, ratio=ratio, stochastic_depth=stochastic_depth
        ),
        heads=heads,
        probe=probe,
        classes=classes,
        dropout=dropout,
        freeze_backbone=freeze_backbone,
    )
