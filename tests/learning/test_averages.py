"""The moving average of weights, and rates that fall from layer to layer."""

from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from partparse.learning.task import rate_groups
from tests.samples.learning import SETTINGS, SumTask, make_network, train_sums


class Noted(SumTask):
    """Keeps the first layer's weights after each step."""

    kept: ClassVar[list[Tensor]] = []

    def on_train_batch_end(self, *_: Any) -> None:
        self.kept.append(self.network[0].weight.detach().clone())


def test_the_model_is_the_moving_average_of_the_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Noted, "kept", [])
    train_sums(tmp_path / "model", SETTINGS.replace(ema=0.75), task=Noted)
    assert len(Noted.kept) == 3 * 6
    average = Noted.kept[0]
    for weight in Noted.kept[1:]:
        average = 0.75 * average + 0.25 * weight
    found = torch.load(tmp_path / "model/weights.pt", weights_only=True)["0.weight"]
    torch.testing.assert_close(found, average)
    assert not torch.allclose(found, Noted.kept[-1])


class Layered(nn.Module):
    """Fourteen layers of two weights each behind one another, then a head."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.Sequential(*(nn.Linear(2, 2) for _ in range(14)))
        self.head = nn.Linear(2, 3)


def test_rates_fall_from_layer_to_layer() -> None:
    settings = SETTINGS.replace(layer_decay=0.5, learning_rate=0.08)
    task = SumTask(Layered(), settings)
    task.network.backbone[0].requires_grad_(False)
    groups = rate_groups(task, settings)
    # of 28 weights before the head: 4, 12, and 12 of which two are frozen
    assert [(group["lr"], len(group["params"])) for group in groups] == [
        (0.08, 2),
        (0.04, 4),
        (0.02, 12),
        (0.01, 10),
    ]


def test_a_network_without_a_backbone_is_all_layers_but_its_classifier() -> None:
    settings = SETTINGS.replace(layer_decay=0.5, learning_rate=0.08)
    task = SumTask(make_network(), settings)
    assert [group["lr"] for group in rate_groups(task, settings)] == [0.08, 0.04]
    plain = rate_groups(task, SETTINGS)
    assert [len(group["params"]) for group in plain] == [4]
