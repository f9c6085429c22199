"""Trainings that are killed amid an epoch, diverge, or run in several processes."""

import json
import os
import subprocess
import sys
from typing import ClassVar

import pandas as pd
import pytest
import torch

from partparse.errors import InputError
from partparse.learning.batches import Batches, Epochs, ResumableLoader, divide
from tests.samples.learning import SETTINGS, Sums, SumTask, train_sums


def weights(folder):
    return torch.load(folder / "weights.pt", weights_only=True)


def assert_same_training(one, other):
    found = weights(other)
    for name, value in weights(one).items():
        torch.testing.assert_close(found[name], value, rtol=0, atol=1e-6)
    pd.testing.assert_frame_equal(*(pd.read_csv(run / "metrics.csv") for run in (one, other)))


class Recorder(SumTask):
    """Notes the step, learning rate and first number of each batch; stops at a step if told to."""

    stops_at: ClassVar[int | None] = None
    seen: ClassVar[list[tuple[int, float, float]]] = []

    def figures(self, batch):
        rate = self.trainer.optimizers[0].param_groups[0]["lr"]
        if self.global_step == self.stops_at:
            raise KeyboardInterrupt
        self.seen.append((self.global_step, rate, float(batch[0][0, 0])))
        return super().figures(batch)


@pytest.mark.parametrize(
    ("stops_at", "changes"),
    [
        (1, {}),
        (9, {}),
        (9, {"workers": 2}),
        (12, {}),
        (9, {"device_batch": 1}),
        (9, {"ema": 0.7, "layer_decay": 0.5}),
    ],
)
def test_a_training_killed_amid_an_epoch_goes_on_exactly(tmp_path, monkeypatch, stops_at, changes):
    settings = SETTINGS.replace(**changes)
    monkeypatch.setattr(Recorder, "seen", [])
    train_sums(tmp_path / "whole", settings, task=Recorder)
    undisturbed = Recorder.seen
    monkeypatch.setattr(Recorder, "seen", [])
    monkeypatch.setattr(Recorder, "stops_at", stops_at)
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        train_sums(tmp_path / "parts", settings, task=Recorder)
    assert not (tmp_path / "parts").exists()
    assert len({step for step, *_ in Recorder.seen}) == stops_at
    monkeypatch.setattr(Recorder, "stops_at", None)
    train_sums(tmp_path / "parts", settings, task=Recorder)
    assert Recorder.seen == undisturbed
    assert_same_training(tmp_path / "whole", tmp_path / "parts")


class Diverging(SumTask):
    """Its loss is NaN from a step on."""

    def figures(self, batch):
        figures = super().figures(batch)
        return {"loss": figures["loss"] * (float("nan") if self.global_step >= 8 else 1)}


def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_good_checkpoint(tmp_path):
    with pytest.raises(InputError) as stopped:
        train_sums(tmp_path / "model", task=Diverging)
    message = str(stopped.value)
    assert message.startswith("train_sums: the loss is nan in epoch 2, step 9")
    assert "lower learning_rate" in message
    kept = tmp_path / ".model.training" / "last.ckpt"
    assert str(kept) in message
    state = torch.load(kept, weights_only=True)
    assert state["global_step"] == 8
    assert all(torch.isfinite(value).all() for value in state["state_dict"].values())
    assert not (tmp_path / "model").exists()


class Spoiled(SumTask):
    """Its weights are spoiled in a step whose loss looks well."""

    def on_before_zero_grad(self, optimizer):
        if self.global_step == 5:
            self.network[0].weight.data[0, 0] = float("inf")


def test_weights_that_are_not_finite_are_never_kept(tmp_path):
    with pytest.raises(InputError, match=r"network\.0\.weight holds values that are not finite"):
        train_sums(tmp_path / "model", task=Spoiled)
    state = torch.load(tmp_path / ".model.training" / "last.ckpt", weights_only=True)
    assert all(torch.isfinite(value).all() for value in state["state_dict"].values())


def train_together(repository, out, processes, examples=22, **changes):
    command = [sys.executable, "-m", "tests.samples.learning", out, processes]
    command += [json.dumps(changes), examples]
    environment = os.environ | {"PYTHONPATH": str(repository), "OMP_NUM_THREADS": "1"}
    subprocess.run(
        list(map(str, command)), cwd=repository, env=environment, check=True, timeout=300
    )


ONE_STEP = {
    "epochs": 1,
    "batch": 22,
    "warm_up": 0,
    "optimizer": "sgd",
    "learning_rate": 1.0,
    "momentum": 0.0,
    "weight_decay": 0.0,
}
"""Plain SGD at a rate of 1 moves the weights by the gradient itself, which is of all examples."""


def test_a_step_goes_no_further_than_the_gradients_norm_lets_it(tmp_path):
    once = SETTINGS.replace(**ONE_STEP)
    moved = {}
    for name, norm in (("start", None), ("free", None), ("clipped", 0.01)):
        rate = {"learning_rate": 0.0} if name == "start" else {}
        train_sums(tmp_path / name, once.replace(gradient_norm=norm, **rate), dropout=0.0)
        moved[name] = torch.cat([value.flatten() for value in weights(tmp_path / name).values()])
    assert (moved["free"] - moved["start"]).norm() > 0.1
    assert float((moved["clipped"] - moved["start"]).norm()) == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize(("processes", "device_batch"), [(1, 11), (1, 1), (2, None), (2, 1)])
def test_a_steps_gradient_is_that_of_the_whole_batch(repository, tmp_path, processes, device_batch):
    whole, divided = tmp_path / "whole", tmp_path / "divided"
    train_sums(whole, SETTINGS.replace(**ONE_STEP), dropout=0.0)
    if processes == 1:
        changes = ONE_STEP | {"device_batch": device_batch}
        train_sums(divided, SETTINGS.replace(**changes), dropout=0.0)
    else:
        train_together(repository, divided, processes, **ONE_STEP, device_batch=device_batch)
    found = weights(divided)
    for name, value in weights(whole).items():
        torch.testing.assert_close(found[name], value, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("processes", "device_batch", "examples"),
    [
        (1, 2, 22),  # a last step of two: one pass instead of two
        (1, 1, 23),
        (2, None, 22),
        (2, 1, 23),  # of three: two of one process, one of the other
        (2, None, 21),  # of one: nothing is left for the other process
    ],
)
def test_a_training_is_the_same_however_its_batch_is_divided(
    repository, tmp_path, processes, device_batch, examples
):
    train_sums(tmp_path / "alone", dropout=0.0, examples=examples)
    if processes == 1:
        settings = SETTINGS.replace(device_batch=device_batch)
        train_sums(tmp_path / "divided", settings, dropout=0.0, examples=examples)
    else:
        train_together(
            repository, tmp_path / "divided", processes, examples, device_batch=device_batch
        )
    found = weights(tmp_path / "divided")
    for name, value in weights(tmp_path / "alone").items():
        torch.testing.assert_close(found[name], value, rtol=0, atol=1e-6)
    one, other = (pd.read_csv(tmp_path / run / "metrics.csv") for run in ("alone", "divided"))
    pd.testing.assert_frame_equal(one, other, rtol=1e-4)


@pytest.mark.parametrize(
    ("batch", "device_batch", "devices", "passes", "held"),
    [
        (16, None, 1, 1, 16),
        (16, 4, 1, 4, 4),
        (16, 4, 2, 2, 4),
        (16, 4, 8, 1, 2),
        (24, 6, 4, 1, 6),
    ],
)
def test_a_step_has_as_many_examples_on_any_number_of_devices(
    batch, device_batch, devices, passes, held
):
    division = divide(batch, device_batch, devices)
    assert (division.passes, division.held) == (passes, held)
    assert division.batch == batch


@pytest.mark.parametrize(
    ("batch", "device_batch", "devices", "fault"),
    [
        (1, None, 2, "a batch of 1 cannot be divided among 2 GPUs"),
        (6, 1, 4, "a batch of 6 cannot be divided among 4 GPUs"),
        (12, 5, 2, r"device_batch: 5 does not divide the 6 examples .* one of 1, 2, 3, 6"),
    ],
)
def test_a_batch_that_cannot_be_divided_is_refused(batch, device_batch, devices, fault):
    with pytest.raises(InputError, match=fault):
        divide(batch, device_batch, devices)


@pytest.mark.parametrize("device_batch", [None, 1])
def test_each_process_gets_its_share_of_each_batch(monkeypatch, device_batch):
    whole = list(Batches(Epochs(9, 0), divide(4, None, 1)))
    assert [len(batch) for batch in whole] == [4, 4, 1]
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    counted = []
    for rank in (0, 1):
        monkeypatch.setattr(torch.distributed, "get_rank", lambda rank=rank: rank)
        batches = Batches(Epochs(9, 0), divide(4, device_batch, 2))
        passes = list(batches)
        assert len(passes) == len(batches) == (3 if device_batch is None else 5)
        for index, examples in enumerate(passes):
            own, step = batches.share(index)
            assert step == (1 if index == len(passes) - 1 else 4)
            counted += examples[:own]
    assert sorted(counted) == sorted(example for batch in whole for example in batch)


def test_an_epoch_that_is_gone_on_with_is_followed_by_whole_ones():
    loader = ResumableLoader(Sums(), Batches(Epochs(22, 0), divide(4, None, 1)))
    loader.load_state_dict({"batches": 4})
    assert [len(list(loader)) for _ in range(2)] == [2, 6]
    assert loader.state_dict() == {"batches": 6}
