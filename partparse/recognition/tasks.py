"""What clip classifiers minimise: one class a clip, or any number of labels."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from partparse.learning.task import Task
from partparse.recognition.clips import colours_last, normalise
from partparse.recognition.settings import TrainSettings

Batch = tuple[Tensor, Tensor]


class _ClipTask(Task):
    """Clips (N, T, S, S, 3) uint8 through a network (N, 3, T, S, S) -> (N, outputs)."""

    settings: TrainSettings

    def __init__(self, network: nn.Module, settings: TrainSettings) -> None:
        """Lay the network's colours last in memory, in which 3D convolutions are faster."""
        super().__init__(colours_last(network), settings)
        # methods, not modules, whose weights would be kept twice
        forward = network.forward
        self._step = torch.compile(forward, dynamic=False) if settings.compile else forward

    def scores(self, clips: Tensor) -> Tensor:
        """(N, outputs) of clips (N, T, S, S, 3)."""
        # what is watched has batches of its own shape, for which compiling would not pay
        forward = self._step if self.training else self.network
        return forward(normalise(clips))


class ClipClassifier(_ClipTask):
    """Cross-entropy over classes; a clip has the class (N,)."""

    def figures(self, batch: Batch) -> dict[str, Tensor]:
        """Loss, and how many clips were right."""
        clips, targets = batch
        scores = self.scores(clips)
        loss = functional.cross_entropy(
            scores, targets, label_smoothing=self.settings.label_smoothing
        )
        return {"loss": loss, "right": (scores.detach().argmax(1) == targets).float().mean()}

    def watched_figures(self, batch: Batch) -> dict[str, Tensor]:
        """One video at a time: (1, clips, T, S, S, 3), judged by the mean over its clips."""
        clips, targets = batch
        mean = self.scores(clips[0]).float().softmax(1).mean(0, keepdim=True)
        return {
            "loss": functional.nll_loss(mean.clamp_min(1e-12).log(), targets),
            "right": (mean.argmax(1) == targets).float().mean(),
        }


class ClipLabeller(_ClipTask):
    """Binary cross-entropy of each label; a clip has the labels (N, labels), 0 or 1."""

    def figures(self, batch: Batch) -> dict[str, Tensor]:
        """Loss, and the share of the labels that hold among as many that score highest."""
        clips, targets = batch
        scores = self.scores(clips)
        smoothing = self.settings.label_smoothing
        smooth = targets * (1 - smoothing) + smoothing / 2
        loss = functional.binary_cross_entropy_with_logits(scores, smooth)
        return {"loss": loss, "right": _found(scores.detach(), targets)}


def _found(scores: Tensor, targets: Tensor) -> Tensor:
    """Mean over clips of the share of their k labels that are among the k best scores."""
    places = scores.argsort(1, descending=True).argsort(1)
    labels = targets.sum(1, keepdim=True)
    hits = ((places < labels) * targets).sum(1) / labels[:, 0].clamp_min(1)
    return hits.mean()


TASKS: dict[str, Any] = {"class": ClipClassifier, "labels": ClipLabeller}
"""By what a model card calls its outputs, as `prediction.ACTIVATIONS` does."""
