"""A training that takes a second: a small network that learns sums, and a program that runs it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset

from partparse.learning import loop
from partparse.learning.settings import FitSettings
from partparse.learning.task import Task
from partparse.running.arguments import Job

SETTINGS = FitSettings(
    epochs=3,
    batch=4,
    device_batch=None,
    optimizer="adamw",
    learning_rate=0.01,
    momentum=0.9,
    weight_decay=0.01,
    gradient_norm=None,
    layer_decay=None,
    ema=None,
    schedule="one_cycle",
    warm_up=1,
    warm_up_start=0.0,
    drops=(),
    precision="32-true",
    checkpoint_minutes=0,
    workers=0,
    seed=5,
)


class Sums(Dataset):
    """Four numbers and their sum, with noise of the epoch."""

    def __init__(self, length: int = 22) -> None:  # six batches, the last of two
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, place: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor]:
        epoch, item = place
        numbers = np.random.default_rng(item).normal(size=4)
        noise = np.random.default_rng([epoch, item]).normal(scale=0.1)
        return torch.tensor(numbers).float(), torch.tensor([numbers.sum() + noise]).float()


class SumTask(Task):
    """The squared error."""

    def figures(self, batch: tuple[torch.Tensor, torch.Tensor]) -> dict[str, torch.Tensor]:
        numbers, sums = batch
        return {"loss": nn.functional.mse_loss(self.network(numbers), sums)}


def make_network(dropout: float = 0.2) -> nn.Module:
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(dropout), nn.Linear(8, 1))


def train_sums(
    out: Path,
    settings: FitSettings = SETTINGS,
    *,
    task: Callable[..., Task] = SumTask,
    gpus: int = 0,
    dropout: float = 0.2,
    examples: int = 22,
    rehearsal_steps: int | None = None,
) -> None:
    loop.train_model(
        lambda: make_network(dropout),
        lambda network: task(network, settings),
        Sums(examples),
        settings=settings,
        out=out,
        job=Job(version=1, gpus=gpus, rehearsal_steps=rehearsal_steps),
        stage="train_sums",
        made_from={},
        facts={},
    )


if __name__ == "__main__":
    # python -m tests.samples.learning OUT PROCESSES CHANGES EXAMPLES: as on that many GPUs, but on
    # the CPU; the settings that differ are JSON
    loop.devices = lambda gpus: loop.processes("cpu", gpus)
    out, processes, changes, examples = sys.argv[1:]
    train_sums(
        Path(out),
        SETTINGS.replace(**json.loads(changes)),
        gpus=int(processes),
        dropout=0.0,
        examples=int(examples),
    )
