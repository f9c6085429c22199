"""Classifiers of clips of a video transformer, which gives tokens, and a head that reads them.

The layers are those of the library transformers. It is imported when such a network is built,
since that takes seconds.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from partparse.learning.freezing import Freezable

PATCH = (2, 16, 16)
"""Frames, rows and columns of a patch, in every public encoder here."""

_SPREAD = 0.02  # standard deviation of random weights, of both papers


class Encoder(Freezable):
    """Clips (N, C, T, H, W), normalised, to tokens (N, T / 2 * H / 16 * W / 16, channels).

    What is left of a clip at the ends of its sides is not seen.
    """

    def __init__(self, in_channels: int, channels: int, layers: Iterable[nn.Module]) -> None:
        """`channels` of a token; `layers` by which rates fall too (`learning.task.rate_groups`)."""
        super().__init__()
        self.patches = nn.Conv3d(in_channels, channels, PATCH, PATCH)
        self.layers = nn.ModuleList(layers)


class MeanPooler(nn.Module):
    """The mean of the tokens, normalised, as VideoMAE is fine-tuned."""

    def __init__(self, channels: int) -> None:
        """`channels` of a token."""
        super().__init__()
        self.norm = nn.LayerNorm(channels)

    def forward(self, tokens: Tensor) -> Tensor:
        """(N, tokens, channels) -> (N, channels)."""
        return self.norm(tokens.mean(1))


class EncoderClassifier(nn.Module):
    """An encoder, a head that makes one vector of its tokens, and a linear classifier."""

    def __init__(
        self,
        backbone: Encoder,
        *,
        heads: int,
        probe: int | None,
        classes: int,
        dropout: float,
        freeze_backbone: bool,
    ) -> None:
        """Draw random weights.

        Args:
            backbone: the encoder.
            heads: of the probe's attention.
            probe: layers of self-attention below the cross-attention of a probe, in which a
                learned query looks at the tokens: none in V-JEPA (Bardes et al., "Revisiting
                Feature Prediction for Learning Visual Representations from Video", 2024), three in
                V-JEPA 2. None: no probe, the mean of the tokens.
            classes: names that are scored.
            dropout: share of the features dropped before the classifier in training.
            freeze_backbone: the encoder stays as its weights have it, and the head learns.
        """
        super().__init__()
        channels = backbone.patches.out_channels
        self.backbone = backbone
        self.pooler = MeanPooler(channels) if probe is None else _probe(channels, heads, probe)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(channels, classes)
        self.apply(_draw)
        if freeze_backbone:
            backbone.freeze()

    def forward(self, clips: Tensor) -> Tensor:
        """(N, C, T, H, W) -> (N, classes)."""
        return self.classifier(self.dropout(self.pooler(self.backbone(clips))))


def dimensions(
    size: str | None,
    published: dict[str, tuple[int, int, int]],
    own: tuple[int | None, int | None, int | None],
) -> tuple[int, int, int]:
    """Channels, layers and heads of a published size or, without one, the network's own.

    Raises ValueError for an unknown size; for a size and dimensions, or neither.
    """
    if size is None:
        channels, depth, heads = own
        if channels is None or depth is None or heads is None:
            raise ValueError("without a size it needs channels, depth and heads")
        return channels, depth, heads
    if own != (None, None, None):
        raise ValueError("channels, depth and heads go with size: null")
    if size not in published:
        raise ValueError(f"size {size!r} is none of {', '.join(published)}")
    return published[size]


def _probe(channels: int, heads: int, layers: int) -> nn.Module:
    """V-JEPA 2's attentive pooler, under the library's names."""
    from transformers import VJEPA2Config
    from transformers.models.vjepa2.modeling_vjepa2 import VJEPA2AttentivePooler

    return VJEPA2AttentivePooler(
        VJEPA2Config(
            hidden_size=channels,
            num_attention_heads=heads,
            num_pooler_layers=layers,
            attn_implementation="sdpa",
        )
    )


def _draw(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.Conv3d):
        nn.init.trunc_normal_(module.weight, std=_SPREAD)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(query := getattr(module, "query_tokens", None), torch.Tensor):
        nn.init.trunc_normal_(query, std=_SPREAD)
