"""What stops a training before it spoils what it has: losses and weights that are not finite."""

from pathlib import Path
from typing import Any

import lightning
import torch

from partparse.errors import InputError


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
