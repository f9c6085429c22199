"""Trainings that are killed amid an epoch, diverge, or run in several processes."""

import os
import subprocess
import sys
from typing import ClassVar

import pandas as pd
import pytest
import torch

from partparse.errors import InputError
from partparse.learning.batches import Batches, Epochs, ResumableLoader
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


@pytest.mark.parametrize(("stops_at", "workers"), [(1, 0), (9, 0), (9, 2), (12, 0)])
def test_a_training_killed_amid_an_epoch_goes_on_exactly(tmp_path, monkeypatch, stops_at, workers):
    settings = SETTINGS.replace(workers=workers)
    monkeypatch.setattr(Recorder, "seen", [])
    train_sums(tmp_path / "whole", settings, task=Recorder)
    undisturbed = Recorder.seen
    monkeypatch.setattr(Recorder, "seen", [])
    monkeypatch.setattr(Recorder, "stops_at", stops_at)
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        train_sums(tmp_path / "parts", settings, task=Recorder)
    assert not (tmp_path / "parts").exists()
    assert len(Recorder.seen) == stops_at
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


def test_a_step_goes_no_further_than_the_gradients_norm_lets_it(tmp_path):
    """Plain SGD at a rate of 1 moves the weights by the gradient itself."""
    plain = {"optimizer": "sgd", "learning_rate": 1.0, "momentum": 0.0, "weight_decay": 0.0}
    once = SETTINGS.replace(epochs=1, batch=22, warm_up=0, **plain)
    moved = {}
    for name, norm in (("start", None), ("free", None), ("clipped", 0.01)):
        rate = {"learning_rate": 0.0} if name == "start" else {}
        train_sums(tmp_path / name, once.replace(gradient_norm=norm, **rate), dropout=0.0)
        moved[name] = torch.cat([value.flatten() for value in weights(tmp_path / name).values()])
    assert (moved["free"] - moved["start"]).norm() > 0.1
    assert float((moved["clipped"] - moved["start"]).norm()) == pytest.approx(0.01, rel=1e-3)


def test_two_processes_train_as_one_does(repository, tmp_path):
    train_sums(tmp_path / "alone", dropout=0.0)
    command = [sys.executable, "-m", "tests.samples.learning", tmp_path / "together", "2"]
    environment = os.environ | {"PYTHONPATH": str(repository), "OMP_NUM_THREADS": "1"}
    subprocess.run(command, cwd=repository, env=environment, check=True, timeout=300)
    found = weights(tmp_path / "together")
    for name, value in weights(tmp_path / "alone").items():
        torch.testing.assert_close(found[name], value, rtol=0, atol=1e-6)
    one, two = (pd.read_csv(tmp_path / run / "metrics.csv") for run in ("alone", "together"))
    pd.testing.assert_frame_equal(one, two, rtol=1e-5)


def test_each_process_gets_its_share_of_each_batch(monkeypatch):
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.distributed, "get_world_size", lambda: 2)
    shares = []
    for rank in (0, 1):
        monkeypatch.setattr(torch.distributed, "get_rank", lambda rank=rank: rank)
        shares.append(list(Batches(Epochs(9, 0), 4)))
    monkeypatch.undo()
    whole = list(Batches(Epochs(9, 0), 4))
    assert [len(batch) for batch in whole] == [4, 4, 1]
    for batch, one, other in zip(whole, *shares, strict=True):
        assert len(one) == len(other)
        assert set(one) | set(other) == set(batch)


def test_an_epoch_that_is_gone_on_with_is_followed_by_whole_ones():
    loader = ResumableLoader(Sums(), Batches(Epochs(22, 0), 4))
    loader.load_state_dict({"batches": 4})
    assert [len(list(loader)) for _ in range(2)] == [2, 6]
    assert loader.state_dict() == {"batches": 6}
