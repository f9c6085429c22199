"""CTR-GCN: a graph network over keypoints and time.

Chen et al., "Channel-wise Topology Refinement Graph Convolution for Skeleton-Based Action
Recognition", ICCV 2021: each graph convolution refines a shared adjacency by the differences of
keypoints' features, one for each channel; each temporal one has four branches. Written from the
paper; here for COCO's keypoints, and with an answer for every moment beside the sequence's.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from partparse.states.skeleton.input import PARENTS

_DILATIONS = (1, 2)
_KERNEL = 5
_REDUCTION = 8


def adjacency() -> Tensor:
    """(3, 17, 17): itself, towards the nose, away from it; columns sum to 1 or 0."""
    joints = len(PARENTS)
    inward = np.zeros((joints, joints), np.float32)
    children = np.flatnonzero(np.arange(joints) != PARENTS)
    inward[PARENTS[children], children] = 1
    outward = inward.T
    graphs = np.stack([np.eye(joints, dtype=np.float32), inward, outward])
    return torch.from_numpy(graphs / np.maximum(graphs.sum(axis=1, keepdims=True), 1))


class RefinedGraphConvolution(nn.Module):
    """Equation 5 of the paper, for one of the three graphs: (N, C, T, V) -> (N, D, T, V)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        """From C = `inputs` channels to D = `outputs`."""
        super().__init__()
        relation = max(inputs // _REDUCTION, 8)
        self.query = nn.Conv2d(inputs, relation, 1)
        self.key = nn.Conv2d(inputs, relation, 1)
        self.value = nn.Conv2d(inputs, outputs, 1)
        self.refine = nn.Conv2d(relation, outputs, 1)

    def forward(self, x: Tensor, graph: Tensor, strength: Tensor) -> Tensor:
        """`graph` (V, V) is shared by all channels; `strength` is the paper's alpha."""
        query, key = self.query(x).mean(2), self.key(x).mean(2)
        differences = torch.tanh(query.unsqueeze(-1) - key.unsqueeze(-2))
        topology = self.refine(differences) * strength + graph  # (N, D, V, V)
        return self.value(x) @ topology.transpose(-1, -2)


class SpatialUnit(nn.Module):
    """The sum over the three graphs, normalised, with a residual."""

    def __init__(self, inputs: int, outputs: int) -> None:
        """From C = `inputs` channels to D = `outputs`."""
        super().__init__()
        graphs = adjacency()
        self.graphs = nn.Parameter(graphs)
        self.strength = nn.Parameter(torch.zeros(1))
        self.convolutions = nn.ModuleList(
            RefinedGraphConvolution(inputs, outputs) for _ in range(len(graphs))
        )
        self.norm = nn.BatchNorm2d(outputs)
        nn.init.constant_(self.norm.weight, 1e-6)  # starts as the residual alone
        self.residual: nn.Module = nn.Identity()
        if inputs != outputs:
            self.residual = nn.Sequential(nn.Conv2d(inputs, outputs, 1), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, T, V) -> (N, D, T, V)."""
        pairs = zip(self.convolutions, self.graphs, strict=True)
        total = sum(convolution(x, graph, self.strength) for convolution, graph in pairs)
        return functional.relu(self.norm(total) + self.residual(x))


def _pointwise(inputs: int, outputs: int, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, 1, stride=(stride, 1)), nn.BatchNorm2d(outputs)]


class TemporalUnit(nn.Module):
    """Four branches of a quarter of the channels: two dilations, a maximum, a plain one."""

    def __init__(self, channels: int, stride: int) -> None:
        """`channels`: a multiple of four; `stride`: over time."""
        super().__init__()
        quarter = channels // (len(_DILATIONS) + 2)
        branches = []
        for dilation in _DILATIONS:
            convolution = nn.Conv2d(
                quarter,
                quarter,
                (_KERNEL, 1),
                stride=(stride, 1),
                padding=(dilation * (_KERNEL - 1) // 2, 0),
                dilation=(dilation, 1),
            )
            branches.append([*_pointwise(channels, quarter), nn.ReLU(), convolution])
        pool = nn.MaxPool2d((3, 1), stride=(stride, 1), padding=(1, 0))
        branches.append([*_pointwise(channels, quarter), nn.ReLU(), pool])
        self.branches = nn.ModuleList(
            nn.Sequential(*branch, nn.BatchNorm2d(quarter)) for branch in branches
        )
        self.branches.append(nn.Sequential(*_pointwise(channels, quarter, stride)))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, T, V) -> (N, C, T / stride, V)."""
        return torch.cat([branch(x) for branch in self.branches], dim=1)


class Block(nn.Module):
    """A spatial and a temporal unit with a residual about both."""

    def __init__(self, inputs: int, outputs: int, stride: int, residual: bool) -> None:
        """`stride`: over time; `residual`: which the first block lacks."""
        super().__init__()
        self.spatial = SpatialUnit(inputs, outputs)
        self.temporal = TemporalUnit(outputs, stride)
        self.residual: nn.Module | None = None
        if residual:
            same = inputs == outputs and stride == 1
            self.residual = (
                nn.Identity() if same else nn.Sequential(*_pointwise(inputs, outputs, stride))
            )

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, T, V) -> (N, D, T / stride, V)."""
        through = self.temporal(self.spatial(x))
        return functional.relu(through if self.residual is None else through + self.residual(x))


class CtrGcn(nn.Module):
    """The paper's blocks, without its classifier."""

    def __init__(
        self, inputs: int, joints: int, channels: Sequence[int], strides: Sequence[int]
    ) -> None:
        """`channels` and temporal `strides` of the blocks; the paper: 64 x 4, 128 x 3, 256 x 3."""
        super().__init__()
        self.norm = nn.BatchNorm1d(inputs * joints)
        sizes = zip([inputs, *channels], channels, strides, strict=False)
        self.blocks = nn.Sequential(
            *(Block(a, b, stride, residual=i > 0) for i, (a, b, stride) in enumerate(sizes))
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, T, V, C) -> features (N, T, V, D), whatever the strides."""
        batch, moments, joints, channels = x.shape
        flat = x.permute(0, 2, 3, 1).reshape(batch, joints * channels, moments)
        maps = self.norm(flat).view(batch, joints, channels, moments).permute(0, 2, 3, 1)
        features = self.blocks(maps)
        if features.shape[2] != moments:
            features = functional.interpolate(
                features, size=(moments, joints), mode="bilinear", align_corners=False
            )
        return features.permute(0, 2, 3, 1)
