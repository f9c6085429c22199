"""Training a clip classifier, from labelled clips to a model folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, StackDataset

from partparse.errors import InputError
from partparse.files.weights import starting_weights
from partparse.learning.frozen_bn import freeze_batch_norms
from partparse.learning.loop import train_model
from partparse.learning.task import Task
from partparse.recognition.clips import (
    FrameReader,
    LabelledClips,
    PredictionClips,
    TrainingClips,
    colours_last,
    normalise,
)
from partparse.recognition.modality import MODALITIES
from partparse.recognition.registry import create
from partparse.recognition.settings import PredictSettings, TrainSettings
from partparse.running.arguments import Job

Batch = tuple[Tensor, Tensor]

_VALIDATION = PredictSettings(
    clips=1, crops=1, crop_side=None, batch=1, precision="32-true", workers=0, memory_mb=0
)


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
        return forward(normalise(clips, self.settings.weights))


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


def train(
    training: LabelledClips,
    validation: LabelledClips,
    classes: Sequence[str],
    settings: TrainSettings,
    *,
    cache: Path,
    out: Path,
    job: Job,
    stage: str,
    outputs: str = "class",
    initial: Path | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Train a network of the registry; all else is as in `train_model`.

    Args:
        training: what the network is fitted on.
        validation: watched only, never fitted on nor chosen by; may be empty.
        classes: names of the network's outputs.
        cache: folder of the frames, or of the flow where that is the modality.
        outputs: "class": a clip has one; "labels": any number of them holds.
        initial: model folder to start from (same network; its classes may differ), instead of
            `settings.weights`.

    Raises:
        InputError: nothing to train on; weights that do not fit.
    """
    if not training.videos:
        raise InputError(f"{stage}: no training video has both decoded frames and a label")
    memory = settings.memory_mb * 2**20 // max(1, settings.workers)
    reader = FrameReader(cache, settings.frame_side, memory, settings.modality)
    inputs = MODALITIES[settings.modality].network
    name, own = settings.network
    # one central clip of each video, and the class
    clips = PredictionClips(validation.videos, reader, settings, _VALIDATION)
    watched = clips, cast(Dataset, validation.targets)

    train_model(
        lambda: create(name, **own, **inputs, classes=len(classes)),
        lambda network: TASKS[outputs](network, settings),
        TrainingClips(training, reader, settings),
        settings=settings,
        out=out,
        job=job,
        stage=stage,
        made_from={
            "classes": list(classes),
            "training": _identify(training),
            "validation": _identify(validation),
        },
        facts={
            "trained_on": {"videos": len(set(training.videos)), "classes": len(classes)},
            "classes": list(classes),
            "outputs": outputs,
            **(facts or {}),
        },
        weights=starting_weights(initial, settings.weights, settings.weights_sha256),
        prepare=freeze_batch_norms if settings.freeze_bn else None,
        validation=DataLoader(StackDataset(*watched)) if validation.videos else None,
        validate_every=settings.validate_every,
        packages=("pytorchvideo",),
    )


def _identify(labelled: LabelledClips) -> list[Any]:
    """The clips and their targets as JSON's types, for the key of what a killed run left."""
    centres = None if labelled.centres is None else [int(centre) for centre in labelled.centres]
    return [list(labelled.videos), np.asarray(labelled.targets).tolist(), centres]
