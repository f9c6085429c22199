"""The part-state net: one frame's person to the state of each part.

After the winner of the Kinetics-TPS challenge of 2021 (place 1, score .6305): a backbone sees the
person's crop; the features of each part are pooled by RoIAlign; the parts, the whole person and
the action look at each other in multi-head attention; a part's state is read off what comes out.
The report gives Swin-L as the backbone and no further sizes; where the boxes lie in the crop is
told to the tokens as well, which is ours.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.ops import roi_align

from partparse.boxes import PIXEL, Integers
from partparse.recognition.clips import normalise
from partparse.states.backbone import Backbone, JoinedMaps
from partparse.states.part_state.examples import Example
from partparse.states.part_state.settings import PartStateTrainSettings
from partparse.vocabulary import PARTS

_TOKENS = len(PARTS) + 1  # of boxes: the parts and the person
_SAMPLES = 2  # RoIAlign's, on each side of a bin


class PartStateNet(nn.Module):
    """Crops, boxes and actions to a score for each pair of a part and a state."""

    def __init__(
        self, settings: PartStateTrainSettings, actions: int, pair_parts: Integers
    ) -> None:
        """Build it with random weights; `pair_parts`: (P,) each pair's part, as in `PARTS`."""
        super().__init__()
        self.backbone = Backbone(tuple(settings.maps), **settings.backbone)
        if settings.freeze_backbone:
            self.backbone.freeze()
        self.joined = JoinedMaps(self.backbone.channels, settings.width)
        self.bins = settings.roi_bins
        width = settings.width
        self.pooled = nn.Linear(width * self.bins**2, width)
        self.place = nn.Sequential(nn.Linear(4, width), nn.GELU(), nn.Linear(width, width))
        self.kind = nn.Parameter(torch.zeros(_TOKENS + 1, width))
        nn.init.normal_(self.kind, std=0.02)
        self.action = nn.Linear(actions, width, bias=False)
        layer = nn.TransformerEncoderLayer(
            width,
            settings.heads,
            dim_feedforward=4 * width,
            dropout=settings.dropout,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.attention = nn.TransformerEncoder(
            layer, settings.layers, norm=nn.LayerNorm(width), enable_nested_tensor=False
        )
        self.classifier = nn.Linear(width, len(pair_parts))
        self.register_buffer("pair_parts", torch.from_numpy(pair_parts), persistent=False)

    def forward(self, pictures: Tensor, boxes: Tensor, actions: Tensor) -> Tensor:
        """Score the pairs.

        Args:
            pictures: (N, 3, S, S) crops, normalised.
            boxes: (N, 11, 4) of the parts and the person, inclusive pixels of the crop; NaN where
                a part has none: nothing looks at it, and its own scores mean nothing.
            actions: (N, A) probabilities.

        Returns:
            (N, pairs), logits over the states of each part.
        """
        side = pictures.shape[-1]
        missing = ~boxes.isfinite().all(dim=2)
        edges = boxes.masked_fill(missing[..., None], 0) + boxes.new_tensor(PIXEL)
        tokens = torch.cat(
            [
                self._look(pictures, edges) + self.place(2 * edges / side - 1),
                self.action(actions)[:, None],  # the mean of the embeddings by probability
            ],
            1,
        )
        always = missing.new_zeros(len(missing), 1)
        seen = self.attention(
            tokens + self.kind, src_key_padding_mask=torch.cat([missing, always], 1)
        )
        scores = self.classifier(seen[:, : len(PARTS)])
        pairs = torch.arange(scores.shape[2], device=scores.device)
        return scores[:, self.pair_parts, pairs]

    def _look(self, pictures: Tensor, edges: Tensor) -> Tensor:
        """The tokens (N, 11, width) of what is within the boxes (N, 11, 4)."""
        # in half precision, boxes would be a pixel off
        features = self.joined(self.backbone(pictures)).float()
        pooled = roi_align(
            features,
            list(edges.float()),
            self.bins,
            spatial_scale=features.shape[-1] / pictures.shape[-1],
            sampling_ratio=_SAMPLES,
            aligned=True,
        )
        return functional.gelu(self.pooled(pooled.flatten(1))).unflatten(0, (-1, _TOKENS))


def score_pairs(network: nn.Module, batch: Example, weights: str | None) -> Tensor:
    """The network's scores (N, pairs) of a batch of examples as tensors.

    `weights` is the setting of what it was trained from.
    """
    pictures = normalise(batch.picture[:, None], weights)[:, :, 0]
    return network(pictures, batch.boxes, batch.action)
