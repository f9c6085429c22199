"""Heads: what is made of each person in a clip's feature map, of the place alone or of relations.

The plain one is that of AVA's baselines. "Person-context-person", the head of the winner of 2022's
best single method, is the high-order relation reasoning operator (HR2O) of Pan et al.,
"Actor-Context-Actor Relation Network for Spatio-Temporal Action Localization", CVPR 2021: each
person is related to each place of the scene, and these relations, place by place, to those of the
other persons. "Person-person" is the person block of Tang et al., "Asynchronous Interaction
Aggregation for Action Detection", ECCV 2020, as the winner tried it, without its blocks for
objects, of which there are no detections here, and for the persons of other moments.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.ops import roi_align

_CELLS = 7  # a side of the grid that a person's box is sampled on
# points of a cell on each axis, as Mask R-CNN has them; as many as the cell has pixels, which is
# what leaving it open means, are worked out one by one in Python by deterministic algorithms
_SAMPLES = 2
_RELATION_DROPOUT = 0.2


Size = tuple[int, int]  # height and width


def pool_persons(maps: Tensor, boxes: Tensor, owners: Tensor, stride: int) -> Tensor:
    """RoIAlign of persons on 7 x 7 cells, of which the greatest counts.

    Args:
        maps: (N, C, h, w), a clip each.
        boxes: (P, 4) x1, y1, x2, y2 in pixels of the clips, as edges: a box that covers the
            first pixel alone is 0, 0, 1, 1.
        owners: (P,) the clip of each person.
        stride: pixels of the clip to one of the feature map, on each axis.

    Returns:
        (P, C).
    """
    rois = torch.cat([owners[:, None].to(boxes.dtype), boxes], 1)
    cells: Tensor = roi_align(maps, rois, _CELLS, 1 / stride, sampling_ratio=_SAMPLES, aligned=True)
    return cells.amax((2, 3))


class RoiHead(nn.Module):
    """A person is what is seen in the box: nothing of the others, nothing of the scene."""

    def __init__(self, channels: int, stride: int) -> None:
        """Take maps of `channels` channels, one pixel of them for `stride` of the clip."""
        super().__init__()
        self.channels = channels
        self.stride = stride

    def forward(self, maps: Tensor, boxes: Tensor, owners: Tensor, sizes: Sequence[Size]) -> Tensor:
        """(N, C, h, w), (P, 4), (P,) as of `pool_persons` -> (P, channels)."""
        del sizes  # boxes lie in the clips
        return pool_persons(maps, boxes, owners, self.stride)


def same_clip(owners: Tensor) -> Tensor:
    """(P,) clips of the persons -> (P, P): which persons may know of each other."""
    return owners[:, None] == owners[None, :]


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
        self.stride = stride
        # a 1 x 1 convolution of the scene's and the person's channels, of which the first part
        # is the same for all persons of a clip and the second at all places
        self.scene = nn.Conv2d(reduced, hidden, 1, bias=False)
        self.actor = nn.Linear(reduced, hidden, bias=False)
        self.encode = nn.Conv2d(hidden, hidden, 3, bias=False)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.relations = nn.ModuleList(Relation(hidden) for _ in range(depth))
        self.person = nn.Linear(reduced, hidden)

    def forward(self, maps: Tensor, boxes: Tensor, owners: Tensor, sizes: Sequence[Size]) -> Tensor:
        """(N, C, h, w), (P, 4), (P,) as of `pool_persons` -> (P, channels).

        sizes: height and width of each of the N clips, in pixels; 3 or more pixels of the maps.
        What lies beyond them is padding, which is no part of a clip's scene.
        """
        scenes = self.reduce(maps)
        persons = pool_persons(scenes, boxes, owners, self.stride)
        alone = functional.relu(self.person(persons))
        cells = [(-(-height // self.stride), -(-width // self.stride)) for height, width in sizes]
        distinct = sorted(set(cells))
        if len(distinct) == 1:
            height, width = distinct[0]
            context = self._relate(scenes[:, :, :height, :width], persons, owners)
            return torch.cat([context, alone], 1)
        order, related = [], []
        for height, width in distinct:
            alike = torch.tensor([of == (height, width) for of in cells], device=owners.device)
            order.append(alike[owners].nonzero()[:, 0])
            scene = scenes[:, :, :height, :width]
            related.append(self._relate(scene, persons[order[-1]], owners[order[-1]]))
        return torch.cat([torch.cat(related)[torch.cat(order).argsort()], alone], 1)

    def _relate(self, scenes: Tensor, persons: Tensor, owners: Tensor) -> Tensor:
        """(N, reduced, h, w), (P, reduced), (P,) -> (P, hidden): what each has to do with all."""
        pairs = (self.scene(scenes)[owners] + self.actor(persons)[:, :, None, None]).relu()
        related = self.pool(self.encode(pairs).relu())
        same = same_clip(owners)
        for relation in self.relations:
            related = relation(related, same)
        means: Tensor = related.mean((2, 3))
        return means


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
        self.stride = stride
        self.reduce = nn.Linear(channels, reduced)
        self.interactions = nn.ModuleList(Interaction(reduced, hidden) for _ in range(depth))
        self.person = nn.Linear(channels, hidden)

    def forward(self, maps: Tensor, boxes: Tensor, owners: Tensor, sizes: Sequence[Size]) -> Tensor:
        """(N, C, h, w), (P, 4), (P,) as of `pool_persons` -> (P, channels)."""
        del sizes  # boxes lie in the clips
        alone = pool_persons(maps, boxes, owners, self.stride)
        together = self.reduce(alone)
        same = same_clip(owners)
        for interaction in self.interactions:
            together = interaction(together, same)
        return torch.cat([together, functional.relu(self.person(alone))], 1)
