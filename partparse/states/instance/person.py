"""Person-person: each person's feature attends to those of the others in the frame.

The person block of Tang et al., "Asynchronous Interaction Aggregation for Action Detection",
ECCV 2020, as the winner of 2022 tried it, without its blocks for objects, of which there are no
detections here, and for the persons of other moments.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from partparse.states.instance.rois import Rois, same_clip

_RELATION_DROPOUT = 0.2


class Interaction(nn.Module):
    """Scaled dot-product attention of persons to the persons of their clip, and a residual."""

    def __init__(self, channels: int, hidden: int) -> None:
        """Take and give `channels` channels; attend in `hidden`."""
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(channels, hidden) for _ in range(3))
        self.norm = nn.LayerNorm(hidden)
        self.out = nn.Linear(hidden, channels)
        self.dropout = nn.Dropout(_RELATION_DROPOUT)
        self._scale = 1 / math.sqrt(hidden)

    def forward(self, persons: Tensor, same: Tensor) -> Tensor:
        """(P, C) and (P, P), who may attend to whom -> (P, C)."""
        products = self.query(persons) @ self.key(persons).T * self._scale
        weights = products.masked_fill(~same, -math.inf).softmax(1)
        found = self.norm(weights @ self.value(persons)).relu()
        changed: Tensor = self.dropout(self.out(found))
        return persons + changed


class PersonHead(nn.Module):
    """Persons' features: each after its interactions, and itself."""

    def __init__(
        self, channels: int, stride: int, *, reduced: int, hidden: int, depth: int
    ) -> None:
        """Take maps of `channels` channels, one pixel of them for `stride` of the clip.

        `reduced` and `hidden` are channels, `depth` the interactions that follow one another.
        """
        super().__init__()
        self.channels = reduced + hidden
        self.rois = Rois(stride)
        self.reduce = nn.Linear(channels, reduced)
        self.interactions = nn.ModuleList(Interaction(reduced, hidden) for _ in range(depth))
        self.person = nn.Linear(channels, hidden)

    def forward(self, maps: Tensor, boxes: Tensor, owners: Tensor) -> Tensor:
        """(N, C, h, w), (P, 4), (P,) as of `Rois` -> (P, channels)."""
        alone = self.rois(maps, boxes, owners)
        together = self.reduce(alone)
        same = same_clip(owners)
        for interaction in self.interactions:
            together = interaction(together, same)
        return torch.cat([together, functional.relu(self.person(alone))], 1)
