"""What a training minimises, as Lightning wants it, and the record of the training."""

import logging
import math
import re
from pathlib import Path
from typing import Any

import lightning
import pandas as pd
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from partparse.files.csv_tables import write_csv
from partparse.learning.batches import Batches
from partparse.learning.pretrained import classifier_keys
from partparse.learning.settings import FitSettings
from partparse.running.pace import Pace, Throttle, duration

_LAYER = 12  # parameters
_log = logging.getLogger("partparse")


class Task(lightning.LightningModule):
    """A network and what is computed of a batch; methods say what in `figures`."""

    batches: Batches
    """Set by the training loop. Asking Lightning how many there are would begin the epoch's batches
    before the checkpoint, which says with which one, is read."""

    def __init__(self, network: nn.Module, settings: FitSettings) -> None:
        """Take the network to be fitted as `settings` say."""
        super().__init__()
        self.network = network
        self.settings = settings
        self._weight = 1.0  # of a pass's gradient

    @property
    def steps_an_epoch(self) -> int:
        """Optimiser steps."""
        return self.batches.steps

    def figures(self, batch: Any) -> dict[str, Tensor]:
        """Of a training batch: "loss", which is minimised, and what else is worth recording."""
        raise AssertionError(f"{type(self).__name__} does not say what it minimises")

    def watched_figures(self, batch: Any) -> dict[str, Tensor]:
        """Of a validation batch, which is watched only."""
        return self.figures(batch)

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """Seed dropout by the pass, so that a run that goes on draws what it would have.

        Processes that train together draw each for its own examples.
        """
        division = self.batches.division
        number = self.global_step * division.passes + batch_idx % division.passes
        torch.manual_seed(
            self.settings.seed * 1_000_003 + number + self.global_rank * 1_000_000_007
        )
        own, whole = self.batches.share(batch_idx)
        self._weight = own * division.devices * division.passes / whole

    def backward(self, loss: Tensor, *arguments: Any, **options: Any) -> None:
        """Lightning takes the mean over devices and passes; the step's is over its examples."""
        super().backward(loss * self._weight, *arguments, **options)

    def training_step(self, batch: Any) -> dict[str, Tensor]:
        """Lightning's name of `figures`."""
        return self.figures(batch)

    def validation_step(self, batch: Any) -> dict[str, Tensor]:
        """Lightning's name of `watched_figures`."""
        return self.watched_figures(batch)

    def configure_optimizers(self) -> dict[str, Any]:
        """The optimiser over what is not frozen, its rate set at every step."""
        settings = self.settings
        optimizer = _optimizer(rate_groups(self, settings), settings)
        steps = self.steps_an_epoch
        schedule = LambdaLR(optimizer, lambda step: rate_factor(step, steps, settings))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def rate_groups(task: Task, settings: FitSettings) -> list[dict[str, Any]]:
    """What is not frozen, in groups of the same rate, the fastest first."""
    below = _layers_below(task.network)
    groups: dict[float, list[nn.Parameter]] = {}
    for name, parameter in task.named_parameters():
        factor = (settings.layer_decay or 1.0) ** below.get(name.removeprefix("network."), 0)
        if parameter.requires_grad:
            groups.setdefault(factor, []).append(parameter)
    return [
        {"params": groups[factor], "lr": settings.learning_rate * factor}
        for factor in sorted(groups, reverse=True)
    ]


def _layers_below(network: nn.Module) -> dict[str, int]:
    """How many layers the weights lie below the head, by their names; not those of the head.

    The layers are those of the network's `backbone`, where it has one, or of all but its
    classifier. Where the backbone says which they are, as `layers`, what comes before them is one
    more and what comes after them belongs to the head (Bao et al., "BEiT", ICLR 2022). Elsewhere
    twelve parameters in a row are taken for a layer, as timm's `auto_group_layers` does: a
    transformer's block has about as many.
    """
    backbone = getattr(network, "backbone", None)
    prefix = "" if backbone is None else "backbone."
    outside = classifier_keys(network)
    names = [name for name, _ in network.named_parameters()]
    names = [name for name in names if name.startswith(prefix) and name not in outside]
    layers = getattr(backbone, "layers", None)
    if layers is None:
        depth = -(-len(names) // _LAYER)
        return {name: depth - place // _LAYER for place, name in enumerate(names)}
    depth = len(layers)
    numbers = [re.match(r"backbone\.layers\.(\d+)\.", name) for name in names]
    first = next(place for place, number in enumerate(numbers) if number)
    found = dict.fromkeys(names[:first], depth + 1)
    return found | {n: depth - int(i[1]) for n, i in zip(names, numbers, strict=True) if i}


def _optimizer(groups: list[dict[str, Any]], settings: FitSettings) -> torch.optim.Optimizer:
    if settings.optimizer == "sgd":
        return torch.optim.SGD(
            groups,
            lr=settings.learning_rate,
            momentum=settings.momentum,
            nesterov=settings.momentum > 0,
            weight_decay=settings.weight_decay,
        )
    return torch.optim.AdamW(
        groups,
        lr=settings.learning_rate,
        betas=(settings.momentum, 0.999),
        weight_decay=settings.weight_decay,
    )


class History(lightning.Callback):
    """One row an epoch: to the log now and then, to metrics.csv always, and into checkpoints.

    Figures are means over the epoch's examples, by which those of a pass are weighted.
    """

    def __init__(self, path: Path) -> None:
        """`path`: the CSV file, written whole after each epoch."""
        self._path = path
        self._rows: list[dict[str, float]] = []
        self._sums: dict[str, list[Tensor]] = {}  # (2,): a figure times its weight, the weight
        self._throttle = Throttle()
        self._training = self._epoch = Pace()

    def state_dict(self) -> dict[str, Any]:
        """The rows so far, and the figures of the epoch that is under way."""
        sums = {name: torch.stack(values).cpu() for name, values in self._sums.items()}
        return {"rows": self._rows, "sums": sums}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on after the rows and figures of a checkpoint."""
        self._rows = list(state_dict["rows"])
        self._sums = {name: list(values) for name, values in state_dict["sums"].items()}

    def on_train_start(self, trainer: Any, module: Any) -> None:
        """Count the steps from here, which may be amid a training that was killed."""
        total = module.steps_an_epoch * trainer.max_epochs
        self._training = Pace(total - trainer.global_step)

    def on_train_epoch_start(self, trainer: Any, module: Any) -> None:
        """Forget the last epoch's batches."""
        self._sums = {}
        self._epoch = Pace(module.steps_an_epoch - trainer.global_step % module.steps_an_epoch)

    def on_train_batch_end(
        self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Keep a batch's figures, and say how far a long epoch is."""
        passes = trainer.accumulate_grad_batches  # by which Lightning has divided the loss
        figures = outputs | {"loss": outputs["loss"] * passes}
        self._add("train", figures, module.batches.share(batch_idx)[0])
        if (batch_idx + 1) % passes and not trainer.is_last_batch:
            return
        self._training.step()
        if line := self._epoch.step():
            _log.info("epoch %d/%d: steps %s", trainer.current_epoch + 1, trainer.max_epochs, line)

    def on_validation_batch_end(self, trainer: Any, module: Any, outputs: Any, *_: Any) -> None:
        """Keep a video's figures."""
        self._add("val", outputs, 1)

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        """Write the epoch's row, and say it if the last line is a while ago."""
        means = {}
        for name, values in self._sums.items():
            total = trainer.strategy.reduce(torch.stack(values).sum(0), reduce_op="sum")
            means[name] = float(total[0] / total[1])
        rate = trainer.optimizers[0].param_groups[0]["lr"]
        self._rows.append({"epoch": trainer.current_epoch + 1, **means, "learning_rate": rate})
        if trainer.is_global_zero:
            write_csv(pd.DataFrame(self._rows), self._path)
        for logger in trainer.loggers:
            logger.log_metrics(means | {"learning_rate": rate}, step=trainer.global_step)
        done, total = trainer.current_epoch + 1, trainer.max_epochs
        if self._throttle.is_due() or done == total:
            figures = ", ".join(f"{name} {value:.3f}" for name, value in means.items())
            took, left = duration(self._training.seconds()), duration(self._training.left())
            _log.info("epoch %d/%d, %s, %s left: %s", done, total, took, left, figures)

    def _add(self, split: str, outputs: dict[str, Tensor], examples: int) -> None:
        for name, value in outputs.items():
            seen = value.detach().float()
            weighted = examples * torch.stack([seen, torch.ones_like(seen)])
            self._sums.setdefault(f"{split}_{name}", []).append(weighted)


def rate_factor(step: int, steps_an_epoch: int, settings: FitSettings) -> float:
    """The share of the learning rate that optimiser step `step` (from 0) uses.

    Both schedules rise linearly over `warm_up` epochs, from the share `warm_up_start`. Then
    "one_cycle" falls to 0 along half a cosine (Smith & Topin, "Super-Convergence", 2017, as torch
    does it), and "step" is divided by ten at each epoch in `drops`.
    """
    epoch = step / steps_an_epoch
    if epoch < settings.warm_up:
        risen = (step + 1) / (settings.warm_up * steps_an_epoch + 1)
        return settings.warm_up_start + (1 - settings.warm_up_start) * risen
    if settings.schedule == "step":
        return 0.1 ** sum(epoch >= drop for drop in settings.drops)
    done = (epoch - settings.warm_up) / max(settings.epochs - settings.warm_up, 1e-9)
    return 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
