"""What the pose net's training adds to mmengine's runner: seeds, progress, plain checkpoints."""

import logging
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.hooks import Hook

from partparse.detection.divergence import diverged, find_not_finite
from partparse.errors import InputError
from partparse.running.program import progress, seed_everything


class PoseTrainingHook(Hook):
    """Seed every epoch by itself, report progress, and keep the mean loss of each epoch.

    A resumed training draws the same random numbers as an uninterrupted one, because each epoch
    starts from its own seed. mmengine's checkpoints hold log buffers, NumPy arrays and functions,
    which torch's restricted unpickler refuses on resuming; they are left out, the losses put in.
    """

    def __init__(self, seed: int) -> None:
        """Epoch e (from 0) draws from `seed` + e."""
        self.losses: list[float] = []
        self._seed = seed
        self._sum = 0.0
        self._ticks: Iterator[int] = iter(())

    def before_train(self, runner: Any) -> None:
        """Start the progress where the training starts, which is later on resuming."""
        self._ticks = progress(range(runner.iter, runner.max_iters), "pose: training steps")

    def before_train_epoch(self, runner: Any) -> None:
        """Seed the epoch."""
        seed_everything(self._seed + runner.epoch)
        self._sum = 0.0

    def after_train_iter(
        self,
        runner: Any,
        batch_idx: int,
        data_batch: Any = None,
        outputs: dict[str, Any] | None = None,
    ) -> None:
        """Count the step; raise InputError where its loss is no number."""
        next(self._ticks)
        loss = float((outputs or {})["loss"].detach())
        if not math.isfinite(loss):
            raise _diverged(runner, f"the loss is {loss}")
        self._sum += loss

    def after_train_epoch(self, runner: Any) -> None:
        """Keep and log the epoch's loss."""
        self.losses.append(self._sum / len(runner.train_dataloader))
        logging.getLogger("partparse").info(
            "pose: epoch %d/%d, loss %.5f", runner.epoch + 1, runner.max_epochs, self.losses[-1]
        )

    def after_train(self, runner: Any) -> None:
        """Let the progress log its last line."""
        next(self._ticks, None)

    def before_save_checkpoint(self, runner: Any, checkpoint: dict[str, Any]) -> None:
        """Leave tensors, plain containers and numbers only; raise InputError for NaN weights."""
        # the last step can do it after a loss that is finite
        if name := find_not_finite(checkpoint["state_dict"]):
            raise _diverged(runner, f"{name} is not finite")
        checkpoint["message_hub"] = {"log_scalars": {}, "runtime_info": {}, "resumed_keys": {}}
        checkpoint["meta"].pop("dataset_meta")
        checkpoint["param_schedulers"] = [
            {name: value for name, value in state.items() if not callable(value)}
            for state in checkpoint["param_schedulers"]
        ]
        checkpoint["losses"] = list(self.losses)

    def after_load_checkpoint(self, runner: Any, checkpoint: dict[str, Any]) -> None:
        """Restore what `before_save_checkpoint` took away or put in."""
        # the runner compares it with the data set's own
        checkpoint["meta"]["dataset_meta"] = runner.train_dataloader.dataset.metainfo
        self.losses = list(checkpoint["losses"])


def _diverged(runner: Any, fault: str) -> InputError:
    whole = Path(runner.work_dir) / "last_checkpoint"
    return diverged(
        "pose",
        fault,
        epoch=runner.epoch + 1,
        epochs=runner.max_epochs,
        learning_rate=runner.optim_wrapper.get_lr()["lr"][0],
        checkpoint=Path(whole.read_text() if whole.is_file() else whole),
    )


def seed_worker(worker: int) -> None:
    """Seed NumPy in a process that loads data, otherwise in every epoch."""
    np.random.seed((torch.initial_seed() + worker) % 2**32)
