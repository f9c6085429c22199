"""Public checkpoints under their own names, loaded into ours."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torchvision.models import resnet18
from torchvision.models.swin_transformer import SwinTransformer

from benchmarks.made_up.public_names import MMACTION2, swin3d
from partparse.errors import InputError
from partparse.learning.pretrained import load_pretrained
from partparse.recognition.registry import create
from tests.samples.networks import TINY

# four stages of one block each, as the names of `public_names` are written for
SETTINGS: dict[str, dict[str, Any]] = TINY | {
    "slowfast": TINY["slowfast"] | {"beta": 8, "fusion_norm": False},
    "swin3d": {
        "size": None,
        "channels": 8,
        "depths": [1, 1, 1, 1],
        "heads": [1, 1, 2, 2],
        "window": [2, 4, 4],
    },
    "mvit": {"size": None, "channels": 8, "depths": [1, 1, 1, 1]},
}


def _network(name: str, seed: int, **settings: Any) -> nn.Module:
    torch.manual_seed(seed)
    network = create(name, **({"classes": 3} | SETTINGS[name] | settings))
    for norm in network.modules():  # other than the new ones' 0 and 1
        if isinstance(norm, nn.BatchNorm2d | nn.BatchNorm3d):
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 2)
    return network.eval()


def _public(name: str, network: nn.Module) -> dict[str, torch.Tensor]:
    """The network's weights as mmaction2 would have written them."""
    state = network.state_dict()
    result = {public: state.pop(ours) for public, ours in MMACTION2[name]()}
    assert not state, f"names that the public checkpoint is not known to have: {list(state)}"
    return result


@pytest.mark.parametrize("name", MMACTION2)
def test_checkpoints_of_mmaction2_are_taken_over_whole(name: str, tmp_path: Path) -> None:
    trained = _network(name, 1)
    state = _public(name, trained)
    if name == "slowfast":  # its classifier reads the fast pathway's 64 / 8 * 4 channels first
        weight = state["cls_head.fc_cls.weight"]
        slow, fast = weight[:, :-32], weight[:, -32:]
        assert slow.shape[1] == 8 * fast.shape[1] == 256
        state["cls_head.fc_cls.weight"] = torch.cat([fast, slow], 1)
    if name == "mvit":
        state["backbone.cls_token"] = state["backbone.cls_token"][None, None]
    torch.save({"meta": {"epoch": 3}, "state_dict": state}, tmp_path / "w.pth")
    fresh = _network(name, 2)
    load_pretrained(fresh, tmp_path / "w.pth")
    clips = torch.randn(2, 3, 8, 32, 32)
    with torch.inference_mode():
        assert torch.equal(fresh(clips), trained(clips))


@pytest.mark.parametrize("name", ["ir_csn", "ip_csn"])
def test_a_backbone_alone_has_no_prefix(name: str, tmp_path: Path) -> None:
    trained = _network(name, 1)
    whole = _public(name, trained)
    backbone = {
        key.removeprefix("backbone."): value
        for key, value in whole.items()
        if key.startswith("backbone.")
    }
    torch.save({"state_dict": backbone}, tmp_path / "w.pth")
    fresh = _network(name, 2)
    load_pretrained(fresh, tmp_path / "w.pth")
    expected, own = trained.state_dict(), fresh.state_dict()
    others = {key for key, value in own.items() if not torch.equal(value, expected[key])}
    assert others == {"blocks.5.proj.weight"}  # the classifier, whose bias begins as 0 in both


@pytest.mark.parametrize("name", MMACTION2)
def test_one_that_does_not_fit_names_the_keys(name: str, tmp_path: Path) -> None:
    pairs = list(MMACTION2[name]())
    state = _public(name, _network(name, 1))
    public, ours = next(pair for pair in pairs if pair[0].endswith("bias"))
    del state[public]
    state["backbone.extra.weight"] = torch.zeros(1)
    torch.save({"state_dict": state}, tmp_path / "w.pth")
    with pytest.raises(InputError) as error:
        load_pretrained(_network(name, 2), tmp_path / "w.pth")
    assert f"1 keys missing: {ours}; 1 keys unknown: backbone.extra.weight" in str(error.value)


def test_the_first_ip_csn_of_mmaction2_has_a_batch_norm_less(tmp_path: Path) -> None:
    """A frozen one that changes nothing takes its place."""
    trained = _network("ip_csn", 1)
    for name, module in trained.named_modules():
        if name.endswith("branch2.conv_b.1"):  # what the old network does not have
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.running_mean)
            nn.init.constant_(module.running_var, 1 - module.eps)
    state = _public("ip_csn", trained)
    old = {}
    for key, value in state.items():
        if ".conv2.0.bn." not in key:
            old[key.replace(".conv2.0.conv.", ".conv2.0.")] = value
    torch.save({"state_dict": old}, tmp_path / "w.pth")
    fresh = _network("ip_csn", 2)
    load_pretrained(fresh, tmp_path / "w.pth")
    clips = torch.randn(2, 3, 8, 32, 32)
    with torch.inference_mode():
        torch.testing.assert_close(fresh(clips), trained(clips))


def test_another_networks_checkpoint_is_refused(tmp_path: Path) -> None:
    torch.save({"state_dict": _public("ip_csn", _network("ip_csn", 1))}, tmp_path / "w.pth")
    with pytest.raises(InputError, match=r"unknown: blocks.1.res_blocks.0.branch2.conv_b.0.weight"):
        load_pretrained(_network("ir_csn", 2), tmp_path / "w.pth")


@pytest.mark.parametrize("inner", ["model_state", "model"])
def test_those_of_pytorchvideo_and_torchvision_have_our_names(inner: str, tmp_path: Path) -> None:
    trained = _network("x3d", 1, classes=5)
    torch.save({inner: trained.state_dict()}, tmp_path / "w.pyth")
    fresh = _network("x3d", 2, classes=5)
    load_pretrained(fresh, tmp_path / "w.pyth")
    clips = torch.randn(1, 3, 4, 32, 32)
    assert torch.equal(fresh(clips), trained(clips))


def test_the_names_are_those_of_the_libraries_own_networks() -> None:
    from pytorchvideo.models.hub import csn_r101, i3d_r50, slowfast_r50, x3d_m
    from torchvision.models import resnet50
    from torchvision.models.video import mvit_v2_s, r2plus1d_18, swin3d_t

    originals = {
        ("ir_csn", 101): csn_r101,
        ("i3d", 50): i3d_r50,
        ("slowfast", 50): slowfast_r50,
        ("r2plus1d", 18): r2plus1d_18,
        ("tsn", 50): resnet50,
        ("x3d", "m"): x3d_m,
        ("swin3d", "t"): swin3d_t,
        ("mvit", "v2_s"): mvit_v2_s,
    }
    for (name, size), build in originals.items():
        with torch.device("meta"):
            original = build()
            ours = create(
                name,
                classes=1000 if name == "tsn" else 400,
                **{"size" if isinstance(size, str) else "depth": size},
            )
        shapes = [{k: v.shape for k, v in n.state_dict().items()} for n in (original, ours)]
        assert shapes[0] == shapes[1], name


def test_imagenets_resnet_starts_a_tsn(tmp_path: Path) -> None:
    torch.manual_seed(0)
    original = resnet18(num_classes=10).eval()
    torch.save(original.state_dict(), tmp_path / "w.pth")
    network = create("tsn", classes=10, depth=18).eval()
    load_pretrained(network, tmp_path / "w.pth")
    frame = torch.randn(1, 3, 32, 32)
    still = frame[:, :, None].expand(-1, -1, 4, -1, -1)
    torch.testing.assert_close(network(still), original(frame), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("names", ["torchvision", "microsoft"])
def test_imagenets_swin_starts_a_video_swin(names: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    original = SwinTransformer([4, 4], 8, [1] * 4, [1, 1, 2, 2], [4, 4], num_classes=3)
    state = original.state_dict()
    if names == "microsoft":
        state = {_in_2d(ours): public for public, ours in swin3d("", "norm", "head")}
        state = {name: original.state_dict()[key] for key, name in state.items()}
    torch.save({"model": state}, tmp_path / "w.pth")
    network = _network("swin3d", 2)
    load_pretrained(network, tmp_path / "w.pth")
    frame = torch.randn(1, 3, 16, 16)
    tokens = network.patch_embed(frame[:, :, None].expand(-1, -1, 2, -1, -1))
    torch.testing.assert_close(tokens[:, 0], original.features[0](frame), rtol=1e-4, atol=1e-5)
    ours, theirs = network.features[0][0].attn, original.features[1][0].attn
    assert torch.equal(ours.qkv.weight, theirs.qkv.weight)
    bias = ours.get_relative_position_bias([2, 4, 4])[0].unflatten(1, (2, 16)).unflatten(3, (2, 16))
    for time in range(2):
        for other in range(2):
            expected = theirs.get_relative_position_bias()[0]
            assert torch.equal(bias[:, time, :, other], expected)
    assert torch.equal(network.head.weight, original.head.weight)


def _in_2d(ours: str) -> str:
    """The name in torchvision's 2D Swin of one in its 3D Swin."""
    first, _, rest = ours.partition(".")
    if first == "patch_embed":
        return f"features.0.{ {'proj': 0, 'norm': 2}[rest.split('.')[0]] }.{rest.split('.')[1]}"
    if first == "features":
        stage, _, inner = rest.partition(".")
        return f"features.{int(stage) + 1}.{inner}"
    return ours


@pytest.mark.parametrize("name", ["ir_csn", "slowfast", "tsn"])
def test_the_first_filters_of_flow_are_the_mean_over_the_colours(name: str, tmp_path: Path) -> None:
    trained = _network(name, 1)
    torch.save(trained.state_dict(), tmp_path / "w.pt")
    network = _network(name, 2, in_channels=2)
    load_pretrained(network, tmp_path / "w.pt")
    flow = torch.randn(1, 1, 8, 32, 32)
    scores = network(flow.expand(-1, 2, -1, -1, -1) * 3)
    grey = trained(flow.expand(-1, 3, -1, -1, -1) * 2)  # 2 channels of 3 equal 3 of 2
    torch.testing.assert_close(scores, grey, rtol=1e-4, atol=1e-4)
