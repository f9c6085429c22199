"""The network of the official baseline: features of part, human, object and image.

The challenge's page says: ResNet-50 and RoIAlign give the features of parts, humans and objects; a
part's are concatenated with the others' and refined by a multi-layer perceptron, from which its
state is told; the mean over a human's parts and over a frame's humans, with the TSN feature of the
frame, gives the frame's action by another one, and the mean over frames the video's.

It leaves open which object belongs to a part. Here it is the nearest one by the gap between the
boxes, the best scored of those that touch the part; where a frame has no object, its feature is 0.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torchvision.models.resnet import Bottleneck, conv1x1
from torchvision.ops import roi_align

from partparse.recognition.clips import normalise
from partparse.recognition.registry import create
from partparse.states.baseline.frames import FrameBatch
from partparse.states.baseline.settings import BaselineTrainSettings
from partparse.states.pairs import Pairs

_SAMPLES = 7  # a side: points of the feature map that the mean over a box is taken of


class Trunk(nn.Module):
    """torchvision's ResNet of bottlenecks up to its last feature map, of any width.

    The weights have torchvision's names, and with blocks 3, 4, 6, 3 and width 64 the shapes of its
    ResNet-50.
    """

    def __init__(self, blocks: Sequence[int], width: int, stride: int) -> None:
        """Build it with random weights.

        Args:
            blocks: of the four stages.
            width: channels of the stem; the last map has 32 times as many.
            stride: pixels from one cell of the last map to the next, 8, 16 or 32: where it is
                less than 32 the last stages are dilated instead of strided.
        """
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        channels, reached, dilation = width, 4, 1
        stages = []
        for stage, count in enumerate(blocks):
            before, step = dilation, 1
            if stage > 0 and reached < stride:
                step, reached = 2, reached * 2
            elif stage > 0:
                dilation *= 2
            planes = width * 2**stage
            first = Bottleneck(
                channels, planes, step, _shortcut(channels, planes, step), dilation=before
            )
            channels = planes * Bottleneck.expansion
            others = [Bottleneck(channels, planes, dilation=dilation) for _ in range(count - 1)]
            stages.append(nn.Sequential(first, *others))
        self.layer1, self.layer2, self.layer3, self.layer4 = stages
        self.channels = channels
        self.stride = stride
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, pictures: Tensor) -> Tensor:
        """(F, 3, H, W) -> (F, channels, H / stride, W / stride), rounded up."""
        features = self.maxpool(self.relu(self.bn1(self.conv1(pictures))))
        return self.layer4(self.layer3(self.layer2(self.layer1(features))))


def _shortcut(channels: int, planes: int, step: int) -> nn.Sequential:
    out = planes * Bottleneck.expansion
    return nn.Sequential(conv1x1(channels, out, step), nn.BatchNorm2d(out))


class BaselineScores(NamedTuple):
    """What the network says of a batch of frames, before the softmax."""

    pairs: Tensor
    """(N, P): of each person, for each (part, state) label; 0 where there is no box of the part."""
    actions: Tensor
    """(F, A): of each frame."""


class BaselineNetwork(nn.Module):
    """Frames with their boxes to scores of states and actions; one pass through each backbone."""

    def __init__(
        self, settings: BaselineTrainSettings, facts: Mapping[str, Any], pairs: Pairs
    ) -> None:
        """Build it with random weights; `pairs` are what it scores.

        `facts` are its model card's: "classes", the actions, and "tsn", whose network makes
        features of clips (F, 3, 1, S, S), and stays as it was trained.
        """
        super().__init__()
        name, own = facts["tsn"]["network"]
        tsn = create(name, **own, classes=1)
        seen = tsn.fc.in_features
        self._weights, self._tsn_weights = settings.weights, facts["tsn"]["weights"]
        tsn.fc = nn.Identity()  # the features instead of the scores
        self.trunk = Trunk(settings.blocks, settings.width, settings.stride)
        self.tsn = tsn.requires_grad_(False)
        self.register_buffer("part_of_pair", torch.from_numpy(pairs.part_index), persistent=False)
        hidden, refined, dropout = settings.hidden, settings.refined, settings.dropout
        self.refine = nn.Sequential(
            *_perceptron(4 * self.trunk.channels, hidden, refined, dropout), nn.ReLU(inplace=True)
        )
        self.state = nn.Linear(refined, len(pairs))
        self.action = nn.Sequential(
            *_perceptron(refined + seen, hidden, len(facts["classes"]), dropout)
        )

    def train(self, mode: bool = True) -> "BaselineNetwork":
        """Set the mode of all but the TSN, which stays as it was trained."""
        super().train(mode)
        self.tsn.eval()
        return self

    def forward(self, batch: FrameBatch) -> BaselineScores:
        """Score all parts and frames of a batch."""
        held = ~batch.parts.isnan().any(-1)
        person, part = held.nonzero(as_tuple=True)
        refined = self.refine(self._context(batch, batch.parts[held], person))
        persons, parts = held.shape
        spread = refined.new_zeros(persons, parts, len(self.part_of_pair))
        spread[person, part] = self.state(refined)
        labels = torch.arange(len(self.part_of_pair), device=spread.device)
        humans = mean_by(refined, person, persons)
        counted = held.any(-1) & batch.counted
        frames = mean_by(humans[counted], batch.frame_of_person[counted], len(batch.sizes))
        with torch.no_grad():
            seen = self.tsn(normalise(batch.thumbnails[:, None], self._tsn_weights)).to(
                frames.dtype
            )
        return BaselineScores(
            spread[:, self.part_of_pair, labels], self.action(torch.cat([frames, seen], 1))
        )

    def _context(self, batch: FrameBatch, parts: Tensor, person: Tensor) -> Tensor:
        """(K, 4 x channels): of each part its own, its human's, object's and image's features."""
        maps = self.trunk(normalise(batch.pictures[:, None], self._weights)[:, :, 0])
        frame = batch.frame_of_person[person]
        whole = torch.cat([torch.zeros_like(batch.sizes), batch.sizes], 1)
        every = torch.arange(len(whole), device=whole.device)
        humans = self._pool(maps, batch.persons, batch.frame_of_person)
        objects = self._pool(maps, batch.objects, batch.frame_of_object)
        nearest = nearest_object(parts, frame, batch.objects, batch.frame_of_object)
        objects = torch.cat([objects, objects.new_zeros(1, objects.shape[1])])  # the last: none
        return torch.cat(
            [
                self._pool(maps, parts, frame),
                humans[person],
                objects[nearest],
                self._pool(maps, whole, every)[frame],
            ],
            1,
        )

    def _pool(self, maps: Tensor, boxes: Tensor, frame: Tensor) -> Tensor:
        """The mean over each box (K, 4) of its frame's map, (K, channels)."""
        # 16 bits would round the boxes to whole pixels and more
        rois = torch.cat([frame[:, None].to(boxes.dtype), boxes], 1)
        scale = 1 / self.trunk.stride
        means = roi_align(maps.float(), rois, 1, scale, sampling_ratio=_SAMPLES, aligned=True)
        return means.flatten(1)


def _perceptron(channels: int, hidden: int, out: int, dropout: float) -> list[nn.Module]:
    return [
        nn.Linear(channels, hidden),
        nn.ReLU(inplace=True),
        nn.Dropout(dropout),
        nn.Linear(hidden, out),
    ]


def mean_by(values: Tensor, group: Tensor, groups: int) -> Tensor:
    """The mean of the rows (K, C) of each group, (groups, C); 0 for a group without a row."""
    sums = values.new_zeros(groups, values.shape[1]).index_add(0, group, values)
    counts = torch.bincount(group, minlength=groups).clamp_min(1)
    return sums / counts[:, None].to(sums.dtype)


def nearest_object(
    parts: Tensor, frame_of_part: Tensor, objects: Tensor, frame_of_object: Tensor
) -> Tensor:
    """The index of the object of the same frame with the least gap to each part, (K,); else -1.

    Of several at the same gap, as those that touch the part, it is the first.
    """
    if not len(objects):
        return torch.full_like(frame_of_part, -1)
    gap = torch.maximum(
        parts[:, None, :2] - objects[None, :, 2:], objects[None, :, :2] - parts[:, None, 2:]
    )
    distance = gap.clamp_min(0).norm(dim=-1)
    elsewhere = frame_of_part[:, None] != frame_of_object[None]
    least, index = distance.masked_fill(elsewhere, float("inf")).min(1)
    return index.masked_fill(least.isinf(), -1)
