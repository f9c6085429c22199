"""Which precision a device computes in."""

import pytest
import torch

from partparse.learning.precision import precision_of, predicting


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
