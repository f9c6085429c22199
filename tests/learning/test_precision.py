"""Which precision a device computes in."""

import subprocess
import sys

import pytest
import torch

from partparse.learning.precision import avoid_endless_backward, precision_of, predicting


@pytest.mark.parametrize("asked", ["32-true", "bf16-mixed"])
def test_a_precision_that_is_named_is_kept(asked):
    assert precision_of(asked, "cpu") == asked


@pytest.mark.parametrize(
    ("has", "expected"),
    [
        ({"avx512_f": True, "avx512_bf16": False}, "32-true"),
        ({"avx512_bf16": True}, "bf16-mixed"),
        ({"amx_bf16": True}, "bf16-mixed"),
        ({}, "32-true"),
    ],
)
def test_auto_halves_only_where_the_processor_has_instructions_for_it(monkeypatch, has, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: has)
    assert precision_of("auto", "cpu") == expected


@pytest.mark.parametrize(
    ("precision", "expected"), [("32-true", torch.float32), ("bf16-mixed", torch.bfloat16)]
)
def test_predictions_are_made_in_it_and_without_gradients(precision, expected):
    layer = torch.nn.Linear(2, 2)
    with predicting(precision, "cpu"):
        scores = layer(torch.ones(1, 2))
    assert scores.dtype == expected
    assert not scores.requires_grad


ENDLESS = """
import torch
from partparse.learning.precision import avoid_endless_backward
torch.set_num_threads(2)
layer = torch.nn.Conv3d(1024, 2048, 1, bias=False)
avoid_endless_backward(layer, "bf16-mixed", "cpu")
maps = torch.ones(1, 1024, 4, 18, 30)
with torch.autocast("cpu", torch.bfloat16):
    loss = layer(maps.requires_grad_()).float().sum()
loss.backward()
"""


def test_a_step_on_two_threads_ends():
    """It never did on processors with AMX; others have nothing to lose."""
    subprocess.run([sys.executable, "-c", ENDLESS], check=True, timeout=300)


@pytest.mark.parametrize(
    ("channels", "threads", "precision", "device", "limited"),
    [
        (2048, 2, "bf16-mixed", "cpu", True),
        (512, 2, "bf16-mixed", "cpu", False),
        (2048, 1, "bf16-mixed", "cpu", False),
        (2048, 2, "32-true", "cpu", False),
        (2048, 2, "bf16-mixed", "cuda", False),
    ],
)
def test_only_a_halved_training_of_a_wide_network_on_several_threads_is_kept_from_amx(
    monkeypatch, channels, threads, precision, device, limited
):
    network = torch.nn.Sequential(torch.nn.ReLU(), torch.nn.Conv2d(channels, channels, 1))
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    environment: dict[str, str] = {}
    monkeypatch.setattr("os.environ", environment)
    avoid_endless_backward(network, precision, device)
    assert ("ONEDNN_MAX_CPU_ISA" in environment) == limited
