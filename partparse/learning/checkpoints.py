"""When a training is kept, so that a killed one goes on: by time, amid an epoch or at its end."""

import time
from pathlib import Path
from typing import Any

from lightning.pytorch.callbacks import Checkpoint


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

    def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
        """Save if it is time, unless the epoch is about to end."""
        if not trainer.is_last_batch:
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
