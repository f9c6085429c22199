"""CTR-GCN and its heads."""

import numpy as np
import pytest
import torch

from partparse.states.skeleton.ctrgcn import CtrGcn, adjacency
from partparse.states.skeleton.input import CHANNELS, PARENTS
from partparse.states.skeleton.network import SkeletonNetwork, pooling
from partparse.vocabulary import KEYPOINTS, PARTS, swap_order

PAPER = [64] * 4 + [128] * 3 + [256] * 3
PAPER_STRIDES = [1, 1, 1, 1, 2, 1, 1, 2, 1, 1]


def network(channels: list[int], strides: list[int]) -> SkeletonNetwork:
    torch.manual_seed(0)
    parts = [0, 0, 3, 9]
    return SkeletonNetwork(parts, 5, channels=channels, strides=strides, dropout=0.0).eval()


def test_the_graph_is_a_tree_that_ends_at_the_nose() -> None:
    place = np.arange(len(KEYPOINTS))
    for _ in range(6):
        place = PARENTS[place]
    assert (place == KEYPOINTS.index("nose")).all()
    swap = swap_order(KEYPOINTS)
    assert np.array_equal(PARENTS[swap], np.array(swap)[PARENTS])
    itself, inward, outward = adjacency()
    assert torch.equal(itself, torch.eye(17))
    assert torch.equal(inward > 0, (outward > 0).T)
    assert int((inward > 0).sum()) == 16
    for graph in (inward, outward):
        assert set(graph.sum(0).round(decimals=5).tolist()) <= {0.0, 1.0}


def test_a_part_is_read_from_its_own_side() -> None:
    weights = pooling()
    assert weights.sum(axis=1) == pytest.approx(np.ones(len(PARTS)))
    assert np.array_equal(weights[swap_order(PARTS)][:, swap_order(KEYPOINTS)], weights)
    arm = weights[PARTS.index("left_arm")]
    assert {KEYPOINTS[i] for i in np.flatnonzero(arm)} == {
        "left_shoulder",
        "left_elbow",
        "left_wrist",
    }


def test_the_paper_s_network_has_the_paper_s_size() -> None:
    # 1.46 million with 25 joints of three coordinates and 120 classes
    trunk = CtrGcn(3, 25, PAPER, PAPER_STRIDES)
    parameters = sum(p.numel() for p in trunk.parameters()) + 256 * 120 + 120
    graphs = 10 * 3 * (25**2 - 17**2)
    assert parameters + graphs == pytest.approx(1.46e6, rel=0.02)


def test_every_moment_has_states_whatever_the_strides() -> None:
    windows = torch.randn(2, 8, 17, len(CHANNELS))
    scores = network([8, 8, 16, 16], [1, 2, 1, 2])(windows)
    assert scores.pairs.shape == (2, 8, 4)
    assert scores.actions.shape == (2, 5)


def test_moments_far_away_do_not_matter_to_a_state_but_to_the_action() -> None:
    net = network([8], [1])
    windows = torch.randn(1, 32, 17, len(CHANNELS))
    windows[..., CHANNELS.index("present")] = 1
    other = windows.clone()
    other[:, -1] += 1
    first, second = net(windows), net(other)
    assert torch.allclose(first.pairs[:, :20], second.pairs[:, :20], atol=1e-5)
    assert not torch.allclose(first.actions, second.actions)


def test_where_the_person_is_absent_says_nothing_of_the_action() -> None:
    net = network([8], [1])
    windows = torch.randn(1, 12, 17, len(CHANNELS))
    windows[..., CHANNELS.index("present")] = 1
    windows[:, 4:] = 0
    body = net.trunk(windows).mean(dim=2)
    assert torch.allclose(net(windows).actions, net.actions(body[:, :4].mean(dim=1)), atol=1e-5)


def test_pairs_are_scored_by_their_own_part() -> None:
    net = network([8], [1])
    windows = torch.randn(3, 4, 17, len(CHANNELS))
    features = net.trunk(windows)
    pair = net.parts.tolist().index(3)
    own = torch.einsum("v,ntvd->ntd", net.pooling[3], features)
    both = torch.cat([own, features.mean(2)], dim=-1)
    expected = both @ net.states.weight[pair] + net.states.bias[pair]
    assert torch.allclose(net(windows).pairs[..., pair], expected, atol=1e-5)
