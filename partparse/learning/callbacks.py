"""What watches a training: it is kept, and stopped before it spoils what it has."""

import time
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Checkpoint

from partparse.errors import InputError
from partparse.running.rehearsal import StepClock


class FiniteGuard(lightning.Callback):
    """Ends a training whose loss is not finite, and never lets such weights into a checkpoint."""

    def __init__(self, stage: str, last: Path) -> None:
        """`stage`: what is trained; `last`: where the last good checkpoint is, if there is one."""
        self._stage = stage
        self._last = last

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, *_: Any) -> None:
        """Raise InputError where the batch's loss is NaN or infinite."""
        if not torch.isfinite(outputs["loss"]).all():
            self._stop(trainer, f"the loss is {float(outputs['loss'])}")

    def on_save_checkpoint(self, trainer: Any, module: Any, checkpoint: dict[str, Any]) -> None:
        """Raise InputError where a weight is; the checkpoint before this one stays."""
        for name, value in checkpoint["state_dict"].items():
            if value.is_floating_point() and not torch.isfinite(value).all():
                self._stop(trainer, f"{name} holds values that are not finite")

    def _stop(self, trainer: Any, what: str) -> None:
        rate = trainer.optimizers[0].param_groups[0]["lr"]
        kept = f"; {self._last} is from before it" if self._last.is_file() else ""
        raise InputError(
            f"{self._stage}: {what} in epoch {trainer.current_epoch + 1}, step "
            f"{trainer.global_step}, at a learning rate of {rate:.3g}: lower learning_rate, raise "
            f"warm_up, or set precision to 32-true{kept}"
        )


class TimedCheckpoint(Checkpoint):
    """Keeps the last state of a training, which is whole at every moment.

    Lightning's ModelCheckpoint by time saves after an epoch's last batch as well, before the
    epoch's validation and record, which a run that goes on from there then lacks.
    """

    def __init__(self, path: Path, minutes: float) -> None:
        """`path`: the file; `minutes` between two of them at least."""
        self._path = path
        self._seconds = minutes * 60
        self._saved = time.monotonic()

    def on_train_batch_end(
        self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Save if it is time, unless the epoch is about to end, or a step has passes to come."""
        whole = (batch_idx + 1) % trainer.accumulate_grad_batches == 0
        if whole and not trainer.is_last_batch:
            self._save_in_time(trainer)

    def on_train_epoch_end(self, trainer: Any, *_: Any) -> None:
        """Save if it is time."""
        self._save_in_time(trainer)

    def _save_in_time(self, trainer: Any) -> None:
        # the first process decides for all, which save together
        due = trainer.strategy.broadcast(time.monotonic() - self._saved >= self._seconds)
        if not due:
            return
        self._saved = time.monotonic()
        written = self._path.with_suffix(".writing")
        trainer.save_checkpoint(written)
        if trainer.is_global_zero:
            written.replace(self._path)


class Rehearsed(lightning.Callback):
    """Takes the time of the steps of a training that is cut after a few."""

    def __init__(self) -> None:
        """No step was made yet."""
        self._clock = StepClock()

    def on_train_epoch_start(self, *_: Any) -> None:
        """Validation and the like lie behind."""
        self._clock.begin()

    def on_train_batch_end(
        self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Count a step after its last pass."""
        if (batch_idx + 1) % trainer.accumulate_grad_batches == 0 or trainer.is_last_batch:
            self._clock.step(module.batches.share(batch_idx)[1])

    def on_train_end(self, trainer: Any, *_: Any) -> None:
        """Say what was measured."""
        if trainer.is_global_zero:
            self._clock.tell()
