"""A clip classifier as Lightning trains it, and the record of its training."""

import csv
import logging
import time
from pathlib import Path
from typing import Any

import lightning
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import LambdaLR

from partparse.files import atomic_path
from partparse.recognition.clips import normalise
from partparse.recognition.schedule import rate_factor
from partparse.recognition.settings import TrainSettings

_SECONDS_BETWEEN_LINES = 10.0
_log = logging.getLogger("partparse")


class ClipClassifier(lightning.LightningModule):
    """Cross-entropy over classes, on clips (N, T, S, S, 3) uint8 and their class (N,)."""

    def __init__(self, network: nn.Module, settings: TrainSettings, steps_an_epoch: int) -> None:
        """`network`: (N, 3, T, S, S) -> (N, classes)."""
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last_3d)
        self._settings = settings
        self._steps_an_epoch = steps_an_epoch

    def on_train_batch_start(self, *_: Any) -> None:
        """Seed dropout by the step, so that a run that goes on draws what it would have."""
        torch.manual_seed(self._settings.seed * 1_000_003 + self.global_step)

    def training_step(self, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """Loss, and how many clips were right."""
        clips, targets = batch
        scores = self.network(normalise(clips))
        loss = functional.cross_entropy(
            scores, targets, label_smoothing=self._settings.label_smoothing
        )
        return {"loss": loss, "right": (scores.detach().argmax(1) == targets).float().mean()}

    def validation_step(self, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """One video at a time: (1, clips, T, S, S, 3), judged by the mean over its clips."""
        clips, targets = batch
        scores = self.network(normalise(clips[0]))
        mean = scores.float().softmax(1).mean(0, keepdim=True)
        return {
            "loss": functional.nll_loss(mean.clamp_min(1e-12).log(), targets),
            "right": (mean.argmax(1) == targets).float().mean(),
        }

    def configure_optimizers(self) -> dict[str, Any]:
        """The optimiser over what is not frozen, its rate set at every step."""
        settings = self._settings
        free = [parameter for parameter in self.parameters() if parameter.requires_grad]
        optimizer: torch.optim.Optimizer
        if settings.optimizer == "sgd":
            optimizer = torch.optim.SGD(
                free,
                lr=settings.learning_rate,
                momentum=settings.momentum,
                nesterov=True,
                weight_decay=settings.weight_decay,
            )
        else:
            optimizer = torch.optim.AdamW(
                free,
                lr=settings.learning_rate,
                betas=(settings.momentum, 0.999),
                weight_decay=settings.weight_decay,
            )
        schedule = LambdaLR(
            optimizer, lambda step: rate_factor(step, self._steps_an_epoch, settings)
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


class History(lightning.Callback):
    """One row an epoch: to the log now and then, to metrics.csv always, and into checkpoints."""

    def __init__(self, path: Path) -> None:
        """`path`: the CSV file, written whole after each epoch."""
        self._path = path
        self._rows: list[dict[str, float]] = []
        self._sums: dict[str, list[Tensor]] = {}
        self._start = self._said = time.monotonic()

    def state_dict(self) -> dict[str, Any]:
        """The rows so far."""
        return {"rows": self._rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on after the rows of a checkpoint."""
        self._rows = list(state_dict["rows"])

    def on_train_epoch_start(self, *_: Any) -> None:
        """Forget the last epoch's batches."""
        self._sums = {}

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, *_: Any) -> None:
        """Keep a batch's figures."""
        self._add("train", outputs)

    def on_validation_batch_end(self, trainer: Any, module: Any, outputs: Any, *_: Any) -> None:
        """Keep a video's figures."""
        self._add("val", outputs)

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        """Write the epoch's row, and say it if the last line is a while ago."""
        means = {name: float(torch.stack(values).mean()) for name, values in self._sums.items()}
        rate = trainer.optimizers[0].param_groups[0]["lr"]
        self._rows.append({"epoch": trainer.current_epoch + 1, **means, "learning_rate": rate})
        self._write()
        for logger in trainer.loggers:
            logger.log_metrics(means | {"learning_rate": rate}, step=trainer.global_step)
        done, total = trainer.current_epoch + 1, trainer.max_epochs
        now = time.monotonic()
        if now - self._said >= _SECONDS_BETWEEN_LINES or done == total:
            self._said = now
            figures = ", ".join(f"{name} {value:.3f}" for name, value in means.items())
            _log.info("epoch %d/%d, %.0f s: %s", done, total, now - self._start, figures)

    def _add(self, split: str, outputs: dict[str, Tensor]) -> None:
        for name, value in outputs.items():
            self._sums.setdefault(f"{split}_{name}", []).append(value.detach().float())

    def _write(self) -> None:
        columns = list(dict.fromkeys(name for row in self._rows for name in row))
        with atomic_path(self._path) as temporary, temporary.open("w", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(self._rows)
