"""What the pose net's training adds to mmengine's runner: seeds, progress, plain checkpoints."""

import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from mmengine.hooks import Hook

from partparse.program import progress, seed_everything


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
        """Count the step."""
        next(self._ticks)
        self._sum += float((outputs or {})["loss"])

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
        """Leave tensors, plain containers and numbers only."""
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


def seed_worker(worker: int) -> None:
    """Seed NumPy in a process that loads data, otherwise in every epoch."""
    np.random.seed((torch.initial_seed() + worker) % 2**32)
