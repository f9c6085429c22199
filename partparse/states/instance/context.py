"""Person-context-person: the head of the winner of 2022's best single method.

The high-order relation reasoning operator (HR2O) of Pan et al., "Actor-Context-Actor Relation
Network for Spatio-Temporal Action Localization", CVPR 2021. Each person is related to each place
of the scene, and these relations, place by place, to those of the other persons.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from partparse.states.instance.rois import Rois, same_clip

_RELATION_DROPOUT = 0.2


class Relation(nn.Module):
    """A non-local block over persons: at each place, a person attends to all of its clip."""

    def __init__(self, channels: int) -> None:
        """Take and give maps of `channels` channels."""
        super().__init__()
        self.query, self.key, self.value, self.out = (
            nn.Conv2d(channels, channels, 3, padding=1, bias=False) for _ in range(4)
        )
        self.norm = nn.GroupNorm(1, channels)
        self.dropout = nn.Dropout(_RELATION_DROPOUT)
        self._scale = 1 / math.sqrt(channels)

    def forward(self, maps: Tensor, same: Tensor) -> Tensor:
        """(P, C, h, w), a map each person, and (P, P) who may attend to whom -> (P, C, h, w)."""
        products = torch.einsum("pcyx,qcyx->pqyx", self.query(maps), self.key(maps))
        allowed = (products * self._scale).masked_fill(~same[:, :, None, None], -math.inf)
        found = torch.einsum("pqyx,qcyx->pcyx", allowed.softmax(1), self.value(maps))
        changed: Tensor = self.dropout(self.out(self.norm(found).relu()))
        return maps + changed


class ContextHead(nn.Module):
    """Persons' features: the relations of each with the scene and the others, and itself."""

    def __init__(
        self, channels: int, stride: int, *, reduced: int, hidden: int, depth: int
    ) -> None:
        """Take maps of `channels` channels, one pixel of them for `stride` of the clip.

        `reduced` (published: 1024) and `hidden` (512) are channels, `depth` (1 or 2) the
        relations that follow one another.
        """
        super().__init__()
        self.channels = 2 * hidden
        self.reduce = nn.Conv2d(channels, reduced, 1, bias=False)
        self.rois = Rois(stride)
        # a 1 x 1 convolution of the scene's and the person's channels, of which the first part
        # is the same for all persons of a clip and the second at all places
        self.scene = nn.Conv2d(reduced, hidden, 1, bias=False)
        self.actor = nn.Linear(reduced, hidden, bias=False)
        self.encode = nn.Conv2d(hidden, hidden, 3, bias=False)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.relations = nn.ModuleList(Relation(hidden) for _ in range(depth))
        self.person = nn.Linear(reduced, hidden)

    def forward(self, maps: Tensor, boxes: Tensor, owners: Tensor) -> Tensor:
        """(N, C, h, w), (P, 4), (P,) as of `Rois` -> (P, channels); h and w are 3 or more."""
        scenes = self.reduce(maps)
        persons = self.rois(scenes, boxes, owners)
        pairs = (self.scene(scenes)[owners] + self.actor(persons)[:, :, None, None]).relu()
        related = self.pool(self.encode(pairs).relu())
        same = same_clip(owners)
        for relation in self.relations:
            related = relation(related, same)
        return torch.cat([related.mean((2, 3)), functional.relu(self.person(persons))], 1)
