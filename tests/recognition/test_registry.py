"""Every network of the registry: sizes, shapes, channels, frozen batch norms, prediction."""

import inspect
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torchvision.models.video.mvit import MSBlockConfig, MViT

from partparse.errors import InputError
from partparse.learning.frozen_bn import freeze_batch_norms
from partparse.recognition.builders import check_network
from partparse.recognition.clips import colours_last, normalise
from partparse.recognition.mvit import ResizableMViT
from partparse.recognition.registry import BUILDERS, create
from tests.samples.networks import TINY

# millions of parameters with 400 classes, where the names say nothing else: of torchvision's and
# pytorchvideo's model cards, of mmaction2's metafile.yml, or of the papers
PUBLISHED = [
    ("ir_csn", {"depth": 152}, 29.70),  # mmaction2
    ("ir_csn", {"depth": 50}, 13.13),  # mmaction2
    ("ip_csn", {"depth": 152}, 33.02),  # mmaction2
    ("swin3d", {"size": "t"}, 28.158070),  # torchvision
    ("swin3d", {"size": "s"}, 49.816678),  # torchvision
    ("swin3d", {"size": "b"}, 88.048984),  # torchvision
    ("mvit", {"size": "v1_b"}, 36.610672),  # torchvision
    ("mvit", {"size": "v2_s"}, 34.537744),  # torchvision
    ("r2plus1d", {"depth": 18}, 31.505325),  # torchvision
    ("x3d", {"size": "m"}, 3.79),  # pytorchvideo
    ("x3d", {"size": "l"}, 6.15),  # pytorchvideo
    ("i3d", {"depth": 50}, 28.04),  # pytorchvideo
    ("tsn", {"depth": 50}, 24.33),  # mmaction2
    ("tsn", {"depth": 101}, 43.32),  # mmaction2
    ("slowfast", {"depth": 50, "fusion_norm": False}, 34.6),  # mmaction2, 8 x 8
    ("slowfast", {"depth": 50, "fusion_norm": False, "fusion_kernel": 5}, 34.5),  # 4 x 16
    ("slowfast", {"depth": 101, "fusion_norm": False}, 62.9),  # mmaction2, 8 x 8
    ("c3d", {"classes": 101}, 78.4),  # mmaction2
]
ENCODERS = {"videomae", "vjepa2"}
"""Held to their library instead, in test_encoders.py."""


def _digits(millions: float) -> float:
    return 0.5 * 10.0 ** -len(str(millions).split(".")[1])


def _tiny(name: str, **settings: Any) -> nn.Module:
    torch.manual_seed(0)
    return create(name, **({"classes": 3} | TINY[name] | settings))


def test_there_is_a_tiny_configuration_of_every_network() -> None:
    assert TINY.keys() == BUILDERS.keys()
    assert {name for name, _, _ in PUBLISHED} | ENCODERS == BUILDERS.keys()


@pytest.mark.parametrize(("name", "settings", "millions"), PUBLISHED)
def test_published_networks_have_the_published_size(
    name: str, settings: dict[str, Any], millions: float
) -> None:
    with torch.device("meta"):
        network = create(name, **({"classes": 400} | settings))
    count = sum(parameter.numel() for parameter in network.parameters())
    assert count / 1e6 == pytest.approx(millions, abs=_digits(millions) + 1e-9)


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("size", [(4, 32, 32), (5, 40, 56)])
def test_clips_of_any_size_give_raw_class_scores(name: str, size: tuple[int, int, int]) -> None:
    network = _tiny(name).eval()
    clips = torch.randint(0, 256, (2, size[0], *size[1:], 3), dtype=torch.uint8)
    with torch.inference_mode():
        first = network(normalise(clips, None).contiguous())
        scores = colours_last(network)(normalise(clips, None))  # as in training and prediction
    assert scores.shape == (2, 3)
    assert not torch.allclose(scores.sum(1), torch.ones(2), atol=1e-3)  # no softmax
    torch.testing.assert_close(scores, first, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", BUILDERS)
def test_the_classifier_is_the_last_linear_layer(name: str) -> None:
    network = _tiny(name, classes=7)
    linear = [m for m in network.modules() if isinstance(m, nn.Linear)]
    assert linear[-1].out_features == 7
    nn.init.zeros_(linear[-1].weight)
    nn.init.constant_(linear[-1].bias, 2.5)
    scores = network.eval()(torch.randn(1, 3, 4, 32, 32))
    torch.testing.assert_close(scores, torch.full((1, 7), 2.5))


@pytest.mark.parametrize("name", BUILDERS)
def test_optical_flow_has_two_channels(name: str) -> None:
    network = _tiny(name, in_channels=2).eval()
    assert network(torch.randn(1, 2, 4, 32, 32)).shape == (1, 3)
    with pytest.raises(RuntimeError):
        network(torch.randn(1, 3, 4, 32, 32))


@pytest.mark.parametrize("name", BUILDERS)
def test_frozen_batch_norms_stay_frozen_after_train(name: str) -> None:
    network = _tiny(name)
    keys = list(network.state_dict())
    freeze_batch_norms(network)
    assert list(network.state_dict()) == keys
    network.train()
    norms = [m for m in network.modules() if isinstance(m, _BatchNorm)]
    assert bool(norms) == (name not in {"c3d", "mvit", "swin3d"} | ENCODERS)  # these have none
    assert not any(norm.training for norm in norms)
    assert not any(parameter.requires_grad for norm in norms for parameter in norm.parameters())
    before = {k: v.clone() for k, v in network.state_dict().items() if "running" in k}
    network(torch.randn(2, 3, 4, 32, 32)).square().sum().backward()
    assert all(torch.equal(v, network.state_dict()[k]) for k, v in before.items())
    assert all(p.grad is not None for p in network.parameters() if p.requires_grad)


def test_tsn_is_the_mean_over_its_frames() -> None:
    network = _tiny("tsn").eval()
    clip = torch.randn(1, 3, 4, 32, 32)
    frames = [network(clip[:, :, [t]]) for t in range(4)]
    torch.testing.assert_close(network(clip), torch.stack(frames).mean(0), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("relative", [True, False])
def test_mvit_gives_what_torchvision_does_where_that_can(relative: bool) -> None:
    """Relative positions are v2's, absolute ones v1's."""
    torch.manual_seed(0)
    strides = {"stride_q": [1, 2, 2], "stride_kv": [1, 2, 2]}
    blocks = [MSBlockConfig(2, 16, 32, kernel_q=[3] * 3, kernel_kv=[3] * 3, **strides)]
    blocks += [MSBlockConfig(2, 32, 32, [3] * 3, [3] * 3, [1, 1, 1], [1, 1, 1])]
    original = MViT(
        spatial_size=(32, 32),
        temporal_size=4,
        block_setting=blocks,
        residual_pool=relative,
        residual_with_cls_embed=False,
        rel_pos_embed=relative,
        proj_after_attn=relative,
        num_classes=3,
    ).eval()
    ours = ResizableMViT(original).eval()
    assert ours.state_dict().keys() == original.state_dict().keys()
    clip = torch.randn(2, 3, 4, 32, 32)
    torch.testing.assert_close(ours(clip), original(clip), rtol=1e-4, atol=1e-5)
    assert ours(torch.randn(2, 3, 6, 40, 56)).shape == (2, 3)


def test_c3d_pools_the_papers_clips_as_the_paper() -> None:
    network = _tiny("c3d").eval()
    shapes: dict[str, tuple[int, ...]] = {}
    clip = torch.zeros(1, 3, 16, 112, 112)
    for name, module in network.named_children():
        clip = module(clip)
        shapes[name] = tuple(clip.shape[1:])
    assert shapes["pool1"] == (8, 16, 56, 56)
    assert shapes["pool4"] == (64, 2, 7, 7)
    assert shapes["pool5"] == shapes["grid"] == (64, 1, 4, 4)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("swin3d", {"size": "xl"}, "size 'xl' is none of t, s, b"),
        ("swin3d", {"size": "t", "channels": 8}, "go with size: null"),
        ("swin3d", {"size": None, "channels": 8}, "it needs channels, depths and heads"),
        ("x3d", {"size": None}, "needs a size, or size: null and a depth_factor"),
        ("x3d", {"size": "q"}, "size 'q' is none of xs, s, m, l"),
        ("i3d", {"depth": 18}, "depth 18 is none of 50, 101, 152"),
        ("r2plus1d", {"depth": 50}, "depth 50 is none of 18, 34"),
        ("r2plus1d", {"depth": [1]}, "blocks of 4 stages, not"),
        ("tsn", {"depth": 19}, "depth 19 is none of 18, 34, 50, 101, 152"),
        ("tsn", {"depth": [1]}, "blocks of 4 stages, not"),
        ("mvit", {"size": None, "channels": 8}, "needs a size, or size: null"),
        ("mvit", {"size": "v3"}, "size 'v3' is none of v1_b, v2_s"),
        ("videomae", {"size": "g"}, "size 'g' is none of s, b, l, h"),
        ("vjepa2", {"size": None, "channels": 8}, "it needs channels, depth and heads"),
        ("vjepa2", {"size": "l", "depth": 2}, "channels, depth and heads go with size: null"),
    ],
)
def test_wrong_settings_are_told(name: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        create(name, classes=3, **settings)


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILDERS)
def test_every_network_overfits_eight_clips(name: str) -> None:
    rng = np.random.default_rng(0)
    clips = torch.as_tensor(rng.integers(0, 256, (8, 4, 32, 32, 3), dtype=np.uint8))
    targets = torch.arange(8) % 4
    network = _tiny(name, classes=4)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0)
    network.train()
    right = torch.zeros(8)
    for _ in range(60):
        optimizer.zero_grad()
        scores = network(normalise(clips, None))
        right = scores.argmax(1) == targets
        loss = nn.functional.cross_entropy(scores, targets)
        if right.all() and loss < 0.2:
            break
        loss.backward()
        optimizer.step()
    assert right.float().mean() > 0.95


def test_settings_are_known_without_the_networks() -> None:
    """As a config is checked; its source is read, so it has to be as that expects."""
    for name, builder in BUILDERS.items():
        known = {
            word
            for word, argument in inspect.signature(builder).parameters.items()
            if argument.kind is argument.KEYWORD_ONLY and word not in {"classes", "in_channels"}
        }
        known -= set(getattr(builder, "keywords", {}))
        check_network(name, known)
        for wrong in ("classes", "in_channels", "bottleneck", "depht"):
            with pytest.raises(InputError, match=f"{name} has no setting '{wrong}'"):
                check_network(name, [wrong])
