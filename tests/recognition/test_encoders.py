"""The encoders of the library transformers: what they give, their probes and their weights."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from transformers import (
    VideoMAEConfig,
    VideoMAEForPreTraining,
    VideoMAEForVideoClassification,
    VideoMAEModel,
    VJEPA2Config,
    VJEPA2ForVideoClassification,
    VJEPA2Model,
)

from partparse.errors import InputError
from partparse.learning.pretrained import load_pretrained
from partparse.learning.task import rate_groups
from partparse.recognition.registry import create
from tests.samples.learning import SETTINGS, SumTask

OURS: dict[str, dict[str, Any]] = {
    "videomae": {"size": None, "channels": 24, "depth": 2, "heads": 2},
    "vjepa2": {"size": None, "channels": 32, "depth": 2, "heads": 2, "probe": 1},
}
CONFIGS: dict[str, Any] = {
    "videomae": VideoMAEConfig(
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=96,
        decoder_num_attention_heads=1,
        decoder_hidden_size=8,
        decoder_num_hidden_layers=1,
        decoder_intermediate_size=8,
        num_labels=5,
    ),
    "vjepa2": VJEPA2Config(
        crop_size=64,
        frames_per_clip=8,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_pooler_layers=1,
        pred_hidden_size=12,
        pred_num_attention_heads=1,
        pred_num_hidden_layers=1,
        num_labels=5,
    ),
}
CLASSIFIERS: dict[str, Any] = {
    "videomae": VideoMAEForVideoClassification,
    "vjepa2": VJEPA2ForVideoClassification,
}
CLIPS = {"videomae": (16, 224, 224), "vjepa2": (8, 64, 64)}
"""Of the configs: frames, height, width."""


def theirs(kind: Any, name: str, **changes: Any) -> nn.Module:
    """A model of the library with random weights, the biases and norms among them."""
    torch.manual_seed(1)
    config = CONFIGS[name].__class__(**CONFIGS[name].to_dict() | changes)
    model = kind(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model


def ours(name: str, **changes: Any) -> nn.Module:
    torch.manual_seed(2)
    return create(name, **({"classes": 5} | OURS[name] | changes)).eval()


def clips_of(name: str, batch: int = 2) -> torch.Tensor:
    frames, height, width = CLIPS[name]
    return torch.randn(batch, 3, frames, height, width, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("safe", [True, False])
def test_a_classifier_that_the_library_wrote_gives_its_scores(
    name: str, safe: bool, tmp_path: Path
) -> None:
    model = theirs(CLASSIFIERS[name], name)
    path = tmp_path / "model.safetensors"
    model.save_pretrained(tmp_path)
    if not safe:
        path = tmp_path / "pytorch_model.bin"
        torch.save(model.state_dict(), path)
    network = ours(name)
    load_pretrained(network, path)
    clips = clips_of(name)
    with torch.inference_mode():
        expected = model(clips.transpose(1, 2)).logits
        torch.testing.assert_close(network(clips), expected, rtol=1e-4, atol=1e-5)


def test_biases_are_read_under_the_names_that_public_files_have(tmp_path: Path) -> None:
    model = theirs(CLASSIFIERS["videomae"], "videomae")
    changes = {"query.bias": "q_bias", "value.bias": "v_bias"}
    state = model.state_dict()
    for ending, public in changes.items():
        for key in [key for key in state if key.endswith(ending)]:
            state[key.removesuffix(ending) + public] = state.pop(key)
    assert "videomae.encoder.layer.1.attention.attention.q_bias" in state
    torch.save(state, tmp_path / "pytorch_model.bin")
    network = ours("videomae")
    load_pretrained(network, tmp_path / "pytorch_model.bin")
    clips = clips_of("videomae", 1)
    with torch.inference_mode():
        expected = model(clips.transpose(1, 2)).logits
        torch.testing.assert_close(network(clips), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("videomae", VideoMAEForPreTraining), ("videomae", VideoMAEModel), ("vjepa2", VJEPA2Model)],
)
def test_of_a_pretraining_the_encoder_is_taken_over(name: str, kind: Any, tmp_path: Path) -> None:
    """Without what it was pretrained with; the head keeps its random weights."""
    model = theirs(kind, name, use_mean_pooling=False) if name == "videomae" else theirs(kind, name)
    model.save_pretrained(tmp_path)
    for probe in (None, 0, 2):
        network = ours(name, probe=probe)
        drawn = {key: value.clone() for key, value in network.state_dict().items()}
        load_pretrained(network, tmp_path / "model.safetensors")
        for key, value in network.state_dict().items():
            assert torch.equal(value, drawn[key]) == key.startswith(("pooler.", "classifier.")), key
    encoder = getattr(model, "videomae", model)
    clips = clips_of(name, 1)
    with torch.inference_mode():
        if name == "videomae":
            encoder.layernorm = None
            expected = encoder(clips.transpose(1, 2)).last_hidden_state
        else:
            expected = encoder.get_vision_features(clips.transpose(1, 2))
        torch.testing.assert_close(network.backbone(clips), expected, rtol=1e-4, atol=1e-5)


def test_another_head_is_left_and_another_encoder_refused(tmp_path: Path) -> None:
    theirs(CLASSIFIERS["vjepa2"], "vjepa2").save_pretrained(tmp_path)
    network = ours("vjepa2", probe=0)
    drawn = network.pooler.query_tokens.clone()
    load_pretrained(network, tmp_path / "model.safetensors")
    assert torch.equal(network.pooler.query_tokens, drawn)
    with pytest.raises(InputError, match=r"16 keys missing: backbone\.layers\.2\."):
        load_pretrained(ours("vjepa2", depth=3), tmp_path / "model.safetensors")
    (tmp_path / "cut.safetensors").write_bytes((tmp_path / "model.safetensors").read_bytes()[:-100])
    with pytest.raises(InputError, match=r"cut\.safetensors: not a file of tensors"):
        load_pretrained(network, tmp_path / "cut.safetensors")


@pytest.mark.parametrize("name", OURS)
def test_a_frozen_encoder_stays_and_the_probe_learns(name: str) -> None:
    network = ours(name, probe=1, freeze_backbone=True).train()
    assert not network.backbone.training and network.pooler.training
    network(torch.randn(2, 3, 4, 32, 32)).square().sum().backward()
    for key, parameter in network.named_parameters():
        assert (parameter.grad is None) == key.startswith("backbone."), key
    assert network.pooler.query_tokens.grad.abs().sum() > 0


@pytest.mark.parametrize(("name", "beside"), [("videomae", 0), ("vjepa2", 2)])
def test_rates_fall_by_the_encoder_s_own_layers(name: str, beside: int) -> None:
    network = ours(name, freeze_backbone=False)
    settings = SETTINGS.replace(layer_decay=0.5, learning_rate=0.08)
    groups = rate_groups(SumTask(network, settings), settings)
    layer = len(list(network.backbone.layers[0].parameters()))
    head = len(list(network.pooler.parameters())) + 2 + beside  # and V-JEPA's norm
    rates = [(group["lr"], len(group["params"])) for group in groups]
    assert rates == [(0.08, head), (0.04, layer), (0.02, layer), (0.01, 2)]


def test_places_in_clips_that_are_not_square_are_told_apart() -> None:
    """A patch that moves is another clip, and each frame, row and column counts."""
    network = ours("vjepa2")
    clip = torch.zeros(1, 3, 4, 32, 64)
    clip[:, :, :2, :16, :16] = 1
    with torch.inference_mode():
        first = network(clip)
        for shift, axis in ((2, 2), (16, 3), (16, 4), (32, 4)):
            assert not torch.allclose(network(clip.roll(shift, axis)), first, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "size", "changes"),
    [
        ("videomae", "s", {"hidden_size": 384, "num_attention_heads": 6}),
        ("videomae", "b", {}),
        ("videomae", "l", {"hidden_size": 1024, "num_hidden_layers": 24}),
        ("videomae", "h", {"hidden_size": 1280, "num_hidden_layers": 32}),
        ("vjepa2", "l", {}),
        ("vjepa2", "h", {"hidden_size": 1280, "num_hidden_layers": 32}),
        ("vjepa2", "g", {"hidden_size": 1408, "num_hidden_layers": 40, "mlp_ratio": 48 / 11}),
    ],
)
def test_published_sizes_are_the_library_s(name: str, size: str, changes: dict[str, Any]) -> None:
    """On the meta device: nothing is computed, and nothing is fetched."""
    width = changes.get("hidden_size", 768 if name == "videomae" else 1024)
    heads = {384: 6, 768: 12, 1408: 22}.get(width, 16)
    changes = {"num_attention_heads": heads, "num_labels": 174} | changes
    if name == "videomae":
        changes["intermediate_size"] = 4 * width
    with torch.device("meta"):
        network = create(name, size=size, classes=174)
        model = CLASSIFIERS[name](type(CONFIGS[name])(**changes))
    expected = sum(p.numel() for key, p in model.named_parameters() if ".predictor." not in key)
    assert sum(parameter.numel() for parameter in network.parameters()) == expected


def test_the_registry_does_not_load_the_library() -> None:
    """It takes seconds, which only these two networks are worth."""
    program = (
        "import sys; from partparse.recognition.registry import create;"
        "create('c3d', classes=2, channels=8, hidden=8); print('transformers' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
