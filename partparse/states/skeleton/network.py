"""From keypoint windows to the states of the parts at every moment, and the action."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from partparse.states.pairs import Pairs
from partparse.states.skeleton.ctrgcn import CtrGcn
from partparse.states.skeleton.input import CHANNELS
from partparse.states.skeleton.settings import SkeletonTrainSettings
from partparse.vocabulary import KEYPOINTS, PARTS

_SHOULDERS, _HIPS = ("left_shoulder", "right_shoulder"), ("left_hip", "right_hip")
_KEYPOINTS_OF: dict[str, tuple[str, ...]] = {
    "head": ("nose", "left_eye", "right_eye", "left_ear", "right_ear", *_SHOULDERS),
    "hip": (*_SHOULDERS, *_HIPS, "left_knee", "right_knee"),
}
for _side in ("left", "right"):
    _KEYPOINTS_OF |= {
        f"{_side}_hand": (f"{_side}_elbow", f"{_side}_wrist"),
        f"{_side}_arm": (f"{_side}_shoulder", f"{_side}_elbow", f"{_side}_wrist"),
        f"{_side}_leg": (f"{_side}_hip", f"{_side}_knee", f"{_side}_ankle"),
        f"{_side}_foot": (f"{_side}_knee", f"{_side}_ankle"),
    }


class SkeletonScores(NamedTuple):
    """What the network says, before softmax."""

    pairs: Tensor  # (N, T, P): each (part, state) pair at each moment
    actions: Tensor  # (N, A)


def pooling() -> NDArray[np.float32]:
    """(10, 17): the mean over the keypoints that a part moves."""
    weights = np.zeros((len(PARTS), len(KEYPOINTS)), np.float32)
    for row, part in zip(weights, PARTS, strict=True):
        row[[KEYPOINTS.index(name) for name in _KEYPOINTS_OF[part]]] = 1
    return weights / weights.sum(axis=1, keepdims=True)


class SkeletonNetwork(nn.Module):
    """CTR-GCN with two heads.

    A part's states are read from the mean features of its keypoints beside those of the whole
    body, at each moment; the action from the mean over the body and the moments with the person.
    """

    pooling: Tensor
    parts: Tensor

    def __init__(
        self,
        parts: Sequence[int],
        actions: int,
        *,
        channels: Sequence[int],
        strides: Sequence[int],
        dropout: float,
    ) -> None:
        """`parts`: the part of each pair, as an index; `actions`: how many there are."""
        super().__init__()
        self.trunk = CtrGcn(len(CHANNELS), len(KEYPOINTS), channels, strides)
        self.dropout = nn.Dropout(dropout)
        self.states = nn.Linear(2 * channels[-1], len(parts))
        self.actions = nn.Linear(channels[-1], actions)
        self.register_buffer("pooling", torch.from_numpy(pooling()), persistent=False)
        self.register_buffer("parts", torch.tensor(parts), persistent=False)

    def forward(self, windows: Tensor) -> SkeletonScores:
        """Normalised windows (N, T, 17, C) -> scores."""
        features = self.trunk(windows)  # (N, T, 17, D)
        body = features.mean(dim=2, keepdim=True)
        parts = torch.einsum("pv,ntvd->ntpd", self.pooling, features)
        both = self.dropout(torch.cat([parts, body.expand_as(parts)], dim=-1))
        # every classifier on every part, of which each pair takes its own part's
        scores = self.states(both)[:, :, self.parts, torch.arange(len(self.parts))]
        present = windows[:, :, 0, CHANNELS.index("present"), None]
        mean = (body[:, :, 0] * present).sum(1) / present.sum(1).clamp_min(1)
        return SkeletonScores(scores, self.actions(self.dropout(mean)))


def make_network(pairs: Pairs, actions: int, settings: SkeletonTrainSettings) -> SkeletonNetwork:
    """The network with random weights."""
    return SkeletonNetwork(
        pairs.part_index.tolist(),
        actions,
        channels=settings.channels,
        strides=settings.strides,
        dropout=settings.dropout,
    )
