"""The parser's network: a person's tube to keypoints, parts, their states and the action.

Ours. One trunk learns from all labels of a person at once: where its keypoints are, as heat maps;
where its parts are, each of which is there once, as heat maps of their centres with the box's
sides at each place (after CenterNet: Zhou et al., "Objects as Points", 2019), so that no detector
is needed; then, as in the part-state net of the winner of 2021, what lies in the parts' boxes is
pooled by RoIAlign and attends to the other parts, and says the states, the action, a better box
and how well that box will fit (IoU-Net: Jiang et al., ECCV 2018).

All places are in pixels of the crop as edges: the first pixel reaches from 0 to 1.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.resnet import BasicBlock
from torchvision.ops import roi_align

from partparse.boxes import Integers
from partparse.states.backbone import Backbone
from partparse.states.parser.settings import ParserTrainSettings
from partparse.vocabulary import KEYPOINTS, PARTS

_POINTS, _PARTS = len(KEYPOINTS), len(PARTS)
_TOKENS = _PARTS + 1  # of the parts and the whole person
_SAMPLES = 2  # RoIAlign's, on each side of a bin
_AROUND = 2.0  # what lies about a part is looked at too, in a box larger by this factor
_WINDOW = 1.5  # cells: deviation of the window about a map's peak in which a place is read
_LEAST = 2.0  # pixels: a box is at least as wide and high


class Seen(NamedTuple):
    """What the trunk sees in N crops, on a grid of h x w cells."""

    features: Tensor  # (N, width, h, w)
    points: Tensor  # (N, 17, h, w) where a keypoint is: logits of a softmax over the cells
    centres: Tensor  # (N, 10, h, w) the same of parts' centres
    sides: Tensor  # (N, 10, 4, h, w) from a cell's centre to the box's left, top, right, bottom


class Judged(NamedTuple):
    """What the parts say, having looked at each other."""

    pairs: Tensor  # (N, P): logits over the states of each part
    action: Tensor  # (N, A): logits
    boxes: Tensor  # (N, 10, 4): the parts' boxes, refined
    quality: Tensor  # (N, 10): logit of the IoU that the refined box is expected to have


class ParserNet(nn.Module):
    """`see` where all is, then `judge` what the parts do."""

    pair_parts: Tensor

    def __init__(self, settings: ParserTrainSettings, actions: int, pair_parts: Integers) -> None:
        """Build it with random weights; `pair_parts`: (P,) each pair's part, as in `PARTS`."""
        super().__init__()
        width = settings.width
        self.backbone = Backbone(tuple(settings.maps), **settings.backbone)
        self.joined = Decoder(self.backbone.channels, width)
        self.stride = self.backbone.strides[0]
        self.motion = _motion_stem(settings, self.stride, width) if settings.motion_width else None
        self.located = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )
        self.places = nn.Conv2d(width, _POINTS + 5 * _PARTS, 1)
        self.bins = settings.roi_bins
        self.pooled = nn.Linear(2 * width * self.bins**2, width)
        self.place = nn.Sequential(nn.Linear(4, width), nn.GELU(), nn.Linear(width, width))
        self.pose = nn.Sequential(nn.Linear(2 * _POINTS, width), nn.GELU(), nn.Linear(width, width))
        self.kind = nn.Parameter(torch.zeros(_TOKENS, width))
        nn.init.normal_(self.kind, std=0.02)
        layer = nn.TransformerEncoderLayer(
            width,
            settings.heads,
            dim_feedforward=4 * width,
            dropout=settings.dropout,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        # torch's encoder has one layer at least
        self.attention = (
            nn.TransformerEncoder(
                layer, settings.layers, norm=nn.LayerNorm(width), enable_nested_tensor=False
            )
            if settings.layers
            else nn.LayerNorm(width)
        )
        self.dropout = nn.Dropout(settings.dropout)
        self.states = nn.Linear(width, len(pair_parts))
        self.action = nn.Linear(2 * width, actions)
        self.refined = nn.Linear(width, 5)  # moves and factors of the box, and its quality
        nn.init.zeros_(self.refined.weight)
        nn.init.zeros_(self.refined.bias)
        self.register_buffer("pair_parts", torch.from_numpy(pair_parts), persistent=False)

    def see(self, pictures: Tensor, motion: Tensor) -> Seen:
        """Crops (N, 3, S, S), normalised, and their tubes (N, T, S / 2, S / 2), from -1 to 1."""
        features = self.joined(self.backbone(pictures))
        if self.motion is not None:
            features = functional.relu(features + self.motion(motion))
        maps = self.places(self.located(features)).float()
        points, centres, sides = maps.split([_POINTS, _PARTS, 4 * _PARTS], dim=1)
        sides = functional.softplus(sides.unflatten(1, (_PARTS, 4))) * self.stride
        return Seen(features, points, centres, sides)

    def judge(self, seen: Seen, points: Tensor, boxes: Tensor) -> Judged:
        """States, action and better boxes.

        Args:
            seen: by `see`.
            points: (N, 17, 2) where the keypoints are.
            boxes: (N, 10, 4) where the parts are.
        """
        side = seen.features.shape[-1] * self.stride
        whole = boxes.new_tensor([0, 0, side, side]).expand(len(boxes), 1, 4)
        edges = torch.cat([boxes, whole], 1)
        tokens = self._look(seen.features, edges) + self.place(2 * edges / side - 1)
        tokens = tokens + self.pose((2 * points / side - 1).flatten(1))[:, None] + self.kind
        told = self.dropout(self.attention(tokens))
        parts, person = told[:, :_PARTS], told[:, _PARTS]
        scores = self.states(parts)
        pairs = torch.arange(scores.shape[2], device=scores.device)
        change = self.refined(parts).float()
        return Judged(
            scores[:, self.pair_parts, pairs],
            self.action(torch.cat([person, parts.mean(1)], 1)),
            refine(boxes, change[..., :4]),
            change[..., 4],
        )

    def _look(self, features: Tensor, edges: Tensor) -> Tensor:
        """The tokens (N, 11, width) of what is within and about the boxes (N, 11, 4)."""
        # in half precision, boxes would be a pixel off
        features, edges = features.float(), edges.float()
        found = []
        for boxes in (edges, _scale(edges, _AROUND)):
            pooled = roi_align(
                features,
                list(boxes),
                self.bins,
                spatial_scale=1 / self.stride,
                sampling_ratio=_SAMPLES,
                aligned=True,
            )
            found.append(pooled.flatten(1))
        return functional.gelu(self.pooled(torch.cat(found, 1))).unflatten(0, (-1, _TOKENS))


class Decoder(nn.Module):
    """Feature maps of several strides as one of the finest: the rising half of a U-Net.

    What is left and what is right of a person is seen by the coarse maps alone; residual blocks at
    each stride carry it to the fine one.
    """

    def __init__(self, channels: Sequence[int], width: int) -> None:
        """`channels` of the maps from fine to coarse; `width` of the result."""
        super().__init__()
        self.lateral = nn.ModuleList(nn.Conv2d(count, width, 1) for count in channels)
        self.blocks = nn.ModuleList(BasicBlock(width, width) for _ in channels[:-1])

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """(N, C, h, w) each -> (N, width, h, w) of the first."""
        own = [conv(value) for conv, value in zip(self.lateral, maps, strict=True)]
        total = own[-1]
        for finer, block in zip(own[-2::-1], self.blocks, strict=True):
            up = functional.interpolate(total, finer.shape[2:], mode="bilinear")
            total = block(finer + up)
        return total


def _motion_stem(settings: ParserTrainSettings, stride: int, width: int) -> nn.Sequential:
    """From the tube at half the crop's side to the grid: a thin stream beside the deep one.

    As SlowFast's fast pathway (Feichtenhofer et al., ICCV 2019) it has few channels, and whatever
    the backbone, that sees the key frame alone and may be pretrained.
    """
    own = settings.motion_width
    layers: list[nn.Module] = []
    before = settings.tube_length + 1
    for step in range(max(stride // 2, 1).bit_length()):
        down = 2 if step and stride >= 2 ** (step + 1) else 1
        layers += [
            nn.Conv2d(before, own, 5 if step == 0 else 3, down, 2 if step == 0 else 1, bias=False),
            nn.BatchNorm2d(own),
            nn.ReLU(),
        ]
        before = own
    return nn.Sequential(*layers, nn.Conv2d(own, width, 1))


def cell_centres(maps: Tensor, stride: int) -> Tensor:
    """(h * w, 2): x and y of the cells of maps (…, h, w) whose sides are `stride` pixels."""
    height, width = maps.shape[-2:]
    y, x = torch.meshgrid(
        torch.arange(height, device=maps.device),
        torch.arange(width, device=maps.device),
        indexing="ij",
    )
    return (torch.stack([x, y], -1).flatten(0, 1) + 0.5) * stride


def read_peaks(chances: Tensor, stride: int) -> tuple[Tensor, Tensor]:
    """Of maps (N, K, h, w) of chances, the weights (N, K, h * w) of the cells about the peak.

    They sum to 1; the second answer (N, K) is what the peak had before: how sure the place is.
    """
    flat = chances.flatten(2)
    centres = cell_centres(chances, stride)
    peak = centres[flat.argmax(2)]
    apart = (centres - peak[:, :, None]).square().sum(-1)
    near = flat * torch.exp(-apart / (2 * (_WINDOW * stride) ** 2))
    total = near.sum(2)
    return near / total[..., None].clamp_min(1e-12), total.clamp(0, 1)


def read_points(chances: Tensor, stride: int) -> tuple[Tensor, Tensor]:
    """Keypoints (N, 17, 2) and their scores (N, 17) of maps of chances (N, 17, h, w)."""
    weights, sure = read_peaks(chances, stride)
    return mean_over_cells(weights, cell_centres(chances, stride)), sure


def read_boxes(chances: Tensor, sides: Tensor, stride: int) -> Tensor:
    """Parts' boxes (N, 10, 4) of maps of chances of their centres and of their sides."""
    weights, _ = read_peaks(chances, stride)
    centres = cell_centres(chances, stride)
    signs = sides.new_tensor([-1, -1, 1, 1])
    edges = centres.repeat(1, 2) + sides.flatten(3).transpose(2, 3) * signs
    return mean_over_cells(weights, edges)


def mean_over_cells(weights: Tensor, places: Tensor) -> Tensor:
    """Weights (N, K, C) of the cells of a map and places (…, C, D) there to their mean (N, K, D).

    No matrix product: autocast would compute it in half precision, in which a place of a crop of
    128 pixels is half a pixel off.
    """
    return (weights[..., None] * places).sum(2)


def over_cells(logits: Tensor) -> Tensor:
    """Logits (N, K, h, w) -> chances over the cells of each map."""
    return logits.flatten(2).softmax(2).unflatten(2, logits.shape[2:])


def refine(boxes: Tensor, change: Tensor) -> Tensor:
    """Boxes (…, 4) moved by shares of their sides and scaled by exponents: change (…, 4)."""
    low, high = boxes.split(2, -1)
    sides = (high - low).clamp_min(_LEAST)
    middle = (low + high) / 2 + change[..., :2] * sides
    half = sides / 2 * change[..., 2:].clamp(-1, 1).exp()
    return torch.cat([middle - half, middle + half], -1)


def _scale(edges: Tensor, factor: float) -> Tensor:
    low, high = edges.split(2, -1)
    middle, half = (low + high) / 2, (high - low) / 2 * factor
    return torch.cat([middle - half, middle + half], -1)
