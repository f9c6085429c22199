"""Trainings of detectors that were killed, and those whose loss is no number any more."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from partparse import tables
from partparse.detection.settings import PersonTrainSettings
from partparse.detection.yolo import training as yolo_training
from partparse.detection.yolo.training import _Trainer
from partparse.errors import InputError
from partparse.running import command_line
from scripts.train_persons import train_persons
from tests.detection.yolo.test_detector import Rectangles, settings, train
from tests.samples import detection as samples


def assert_same(folder: Path, other: Path) -> None:
    """The same weights, losses and learning rates."""
    one, two = (torch.load(f / "weights.pt", weights_only=True)["state"] for f in (folder, other))
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, rtol=0, atol=1e-6)
    rows = [pd.read_csv(f / "training.csv") for f in (folder, other)]
    pd.testing.assert_frame_equal(*rows)


def note_epochs(patch: pytest.MonkeyPatch, stop: Callable[[_Trainer], bool]) -> list[int]:
    """The epochs that begin from now on; `stop` says after which step to end all."""
    epochs: list[int] = []
    run = _Trainer.run_callbacks

    def note(self: _Trainer, event: str) -> None:
        run(self, event)
        if event == "on_train_epoch_start":
            epochs.append(self.epoch)
        if event == "on_train_batch_end" and stop(self):
            raise KeyboardInterrupt

    patch.setattr(_Trainer, "run_callbacks", note)
    return epochs


@pytest.mark.parametrize(("model", "workers"), [("yolo26n.yaml", 0), ("yolov5n.yaml", 2)])
def test_a_killed_training_goes_on_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, workers: int
) -> None:
    """It is killed within the last epoch, when mosaic is off already."""
    build = _Trainer.build_dataset

    def build_with_workers(self: _Trainer, *arguments: Any) -> Any:
        self.args.workers = workers  # ultralytics has none on a CPU
        return build(self, *arguments)

    monkeypatch.setattr(_Trainer, "build_dataset", build_with_workers)
    how = settings(
        network=model,
        image_size=32,
        epochs=4,
        batch=4,
        warm_up=2,
        mosaic=0.7,
        mixup=0.3,
        mosaic_off_epochs=2,
    )
    train(Rectangles(8), how, tmp_path / "whole")
    with monkeypatch.context() as patch:
        epochs = note_epochs(patch, lambda trainer: trainer.epoch == 3)
        with pytest.raises(KeyboardInterrupt):
            train(Rectangles(8), how, tmp_path / "parts")
        assert epochs == [0, 1, 2, 3]
    assert not (tmp_path / "parts").exists()
    with monkeypatch.context() as patch:
        epochs = note_epochs(patch, lambda _: False)
        train(Rectangles(8), how, tmp_path / "parts")
        assert epochs == [3]
    assert_same(tmp_path / "whole", tmp_path / "parts")
    rates = pd.read_csv(tmp_path / "parts" / "training.csv")["learning_rate"]
    assert rates.iloc[-1] == pytest.approx(0.002 * (1 - 0.99 * 3 / 4))
    assert not list(tmp_path.glob(".*.training"))


def train_until_killed(*arguments: str) -> None:
    """Run train_persons.py in this process, which dies once its second checkpoint is written."""
    write = yolo_training.write_checkpoint

    def write_and_die(trainer: _Trainer, *others: Any) -> None:
        write(trainer, *others)
        if trainer.epoch == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    yolo_training.write_checkpoint = write_and_die  # type: ignore[assignment]
    command_line.run(train_persons, arguments)


def test_a_program_that_died_goes_on_exactly(
    tmp_path: Path, repository: Path, run_script: Callable[..., None]
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    samples.write_frames(cache)
    annotations = samples.make_annotations()
    annotations = annotations[annotations["frame"] <= 4]
    tables.write(annotations, tmp_path / "annotations.parquet", tables.ANNOTATIONS)
    tables.write(samples.make_frames(), cache / "frames.parquet", tables.FRAMES)
    how = PersonTrainSettings.of(samples.TRAINING | {"epochs": 3, "image_size": 32})
    arguments = [
        "--annotations", tmp_path / "annotations.parquet", "--frames", cache / "frames.parquet",
        "--settings", how.model_dump_json(), "--version", 1, "--threads", 1,
        "--gpus", 0, "--out",
    ]  # fmt: skip
    code = "import sys; from tests.detection.yolo import test_resuming as t; "
    code += "t.train_until_killed(*sys.argv[1:])"
    died = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments), str(tmp_path / "died")],
        cwd=repository,
        capture_output=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert not (tmp_path / "died").exists()
    for name in ("died", "whole"):
        run_script("train_persons.py", *arguments, tmp_path / name)
    assert_same(tmp_path / "whole", tmp_path / "died")
    assert not list(tmp_path.glob(".*.training"))


@pytest.mark.parametrize("changed", ["nothing", "version", "settings", "pictures"])
def test_half_a_training_of_something_else_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    found: list[bool] = []

    def killed(self: _Trainer) -> None:
        found.append(self.checkpoint.exists())
        self.checkpoint.touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(_Trainer, "train", killed)
    with pytest.raises(KeyboardInterrupt):
        train(Rectangles(8), settings(), tmp_path / "model")
    with pytest.raises(KeyboardInterrupt):
        train(
            Rectangles(9 if changed == "pictures" else 8),
            settings(learning_rate=0.001) if changed == "settings" else settings(),
            tmp_path / "model",
            version=2 if changed == "version" else 1,
        )
    assert found == [False, changed == "nothing"]


@pytest.mark.parametrize("poisoned", ["loss", "weights"])
def test_a_loss_that_is_no_number_ends_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, poisoned: str
) -> None:
    how = settings(epochs=3)
    preprocess, step = _Trainer.preprocess_batch, _Trainer.optimizer_step

    def poison_pictures(self: _Trainer, batch: dict[str, Any]) -> dict[str, Any]:
        batch = preprocess(self, batch)
        return batch | {"img": batch["img"] * np.nan} if self.epoch == 1 else batch

    def poison_step(self: _Trainer) -> None:
        if self.epoch == 1:
            next(self.model.parameters()).grad[0] = np.nan
        step(self)

    with monkeypatch.context() as patch:
        if poisoned == "loss":
            patch.setattr(_Trainer, "preprocess_batch", poison_pictures)
            fault = "the loss is nan"
        else:
            patch.setattr(_Trainer, "optimizer_step", poison_step)
            fault = r"model\.0\.conv\.weight is not finite"
        with pytest.raises(InputError) as raised:
            train(Rectangles(8), how, tmp_path / "model")
    kept = tmp_path / ".model.training" / "last.pt"
    assert raised.match(f"^things: {fault} in epoch 2 of 3 at learning rate 0.00134: lower")
    assert raised.match(f"the last whole epoch is kept in {kept}$")
    held = torch.load(kept, weights_only=True)
    assert held["epochs"] == len(held["losses"]) == 1
    assert all(torch.isfinite(v).all() for v in (held["model"] | held["average"]).values())
    epochs = note_epochs(monkeypatch, lambda _: False)
    train(Rectangles(8), how, tmp_path / "model")
    assert epochs == [1, 2]


def test_a_batch_that_does_not_fit_is_not_made_smaller_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(self: _Trainer, batch: dict[str, Any]) -> dict[str, Any]:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")

    monkeypatch.setattr(_Trainer, "preprocess_batch", too_large)
    with pytest.raises(torch.OutOfMemoryError):
        train(Rectangles(8), settings(image_size=32, batch=4), tmp_path / "model")
    assert not (tmp_path / "model").exists()
