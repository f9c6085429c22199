"""Networks, frozen batch norms and pretrained weights."""

from pathlib import Path

import pytest
import torch
from torch import nn

from partparse.errors import InputError
from partparse.learning.frozen_bn import freeze_batch_norms
from partparse.learning.pretrained import load_pretrained
from partparse.recognition.registry import create

SMALL = {"depth": [1, 1, 1, 1], "stem_channels": 4}


def _small(classes: int = 3, name: str = "ir_csn") -> nn.Module:
    torch.manual_seed(0)
    return create(name, classes=classes, **SMALL)


def test_the_stem_pools_and_batch_norms_have_the_public_epsilon() -> None:
    network = _small()
    assert network.blocks[0](torch.zeros(1, 3, 4, 32, 32)).shape == (1, 4, 4, 8, 8)
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm3d)]
    assert norms
    assert all(norm.eps == 1e-3 for norm in norms)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("csn", {}, "network 'csn' is not known; known: c3d, i3d, ip_csn, ir_csn, mvit"),
        ("ir_csn", {"depth": 34}, "depth 34 is none of 50, 101, 152"),
        ("ir_csn", {"depth": [1, 1]}, "depth is the blocks of 4 stages, not \\[1, 1\\]"),
        ("ir_csn", {"width": 2}, "unexpected keyword argument 'width'"),
    ],
)
def test_unknown_networks_and_settings_are_refused(name: str, settings: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        create(name, classes=3, **settings)


def test_frozen_stays_frozen_after_train() -> None:
    network = _small()
    keys = list(network.state_dict())
    freeze_batch_norms(network)
    assert list(network.state_dict()) == keys
    network.train()
    norms = [m for m in network.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    assert norms
    assert all(not norm.training for norm in norms)
    assert all(not p.requires_grad for norm in norms for p in norm.parameters())
    assert network.training
    assert network.blocks[5].proj.weight.requires_grad
    before = {k: v.clone() for k, v in network.state_dict().items()}
    optimizer = torch.optim.SGD([p for p in network.parameters() if p.requires_grad], 0.1)
    for _ in range(2):
        network.train()
        network(torch.randn(2, 3, 4, 32, 32)).square().sum().backward()
        optimizer.step()
    after = network.state_dict()
    assert all(torch.equal(before[k], after[k]) for k in keys if "norm" in k or "running" in k)
    assert not torch.equal(before["blocks.0.conv.weight"], after["blocks.0.conv.weight"])


def test_statistics_move_where_nothing_is_frozen() -> None:
    network = _small().train()
    before = network.blocks[0].norm.running_mean.clone()
    network(torch.randn(2, 3, 4, 32, 32))
    assert not torch.equal(before, network.blocks[0].norm.running_mean)


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_classifier_for_other_classes_is_left_random(tmp_path: Path, wrapped: bool) -> None:
    state = _small(7).state_dict()
    torch.save({"state_dict": state} if wrapped else state, tmp_path / "w.pt")
    torch.manual_seed(1)
    network = create("ir_csn", classes=3, **SMALL)
    drawn = network.blocks[5].proj.weight.clone()
    load_pretrained(network, tmp_path / "w.pt")
    assert torch.equal(network.blocks[5].proj.weight, drawn)
    assert torch.equal(network.blocks[0].conv.weight, state["blocks.0.conv.weight"])


def test_a_classifier_for_the_same_classes_is_taken_over(tmp_path: Path) -> None:
    state = _small(3).state_dict()
    torch.save(state, tmp_path / "w.pt")
    torch.manual_seed(1)
    network = create("ir_csn", classes=3, **SMALL)
    load_pretrained(network, tmp_path / "w.pt")
    assert all(torch.equal(v, state[k]) for k, v in network.state_dict().items())


def test_weights_of_another_network_name_the_keys(tmp_path: Path) -> None:
    state = _small().state_dict()
    del state["blocks.0.norm.weight"]
    state["stem.weight"] = torch.zeros(1)
    state["blocks.0.conv.weight"] = torch.zeros(2)
    torch.save(state, tmp_path / "w.pt")
    with pytest.raises(InputError) as error:
        load_pretrained(_small(), tmp_path / "w.pt")
    assert str(error.value) == (
        f"{tmp_path / 'w.pt'}: weights do not fit the network: "
        "1 keys missing: blocks.0.norm.weight; 1 keys unknown: stem.weight; "
        "1 keys of another shape: blocks.0.conv.weight"
    )


def test_a_file_with_code_in_it_is_refused(tmp_path: Path) -> None:
    torch.save({"state_dict": print}, tmp_path / "w.pt")
    with pytest.raises(InputError, match="not a plain file of weights"):
        load_pretrained(_small(), tmp_path / "w.pt")


def test_checkpointing_holds_less_and_learns_the_same() -> None:
    held, gradients = [], []
    for checkpointing in (False, True):
        torch.manual_seed(0)
        network = create(
            "swin3d",
            classes=3,
            size=None,
            channels=8,
            depths=[2, 2],
            heads=[2, 2],
            window=[4, 4, 4],
            stochastic_depth=0.5,
            checkpointing=checkpointing,
        )
        sizes: list[int] = []
        torch.manual_seed(1)  # of the branches that are skipped
        with torch.autograd.graph.saved_tensors_hooks(
            lambda kept, sizes=sizes: sizes.append(kept.numel()) or kept, lambda kept: kept
        ):
            loss = network(torch.ones(2, 3, 8, 32, 32)).square().sum()
            held.append(sum(sizes))
        loss.backward()
        gradients.append([p.grad.clone() for p in network.parameters() if p.grad is not None])
    assert held[1] < held[0] / 4
    assert len(gradients[0]) == len(gradients[1]) > 20
    for one, other in zip(*gradients, strict=True):
        assert torch.equal(one, other)
