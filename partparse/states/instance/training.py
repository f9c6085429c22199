"""Training an instance-level method: from annotated persons to a model folder."""

from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from partparse.errors import InputError
from partparse.files.weights import starting_weights
from partparse.learning.frozen_bn import freeze_batch_norms
from partparse.learning.loop import train_model
from partparse.learning.task import Task
from partparse.recognition.clips import FrameReader, decoded_videos, normalise
from partparse.running.arguments import Job, Pictures
from partparse.states.instance.clips import Batch, TrainingKeyFrames, collate
from partparse.states.instance.keypoints import Tracks, find_windows
from partparse.states.instance.network import InstanceNetwork, build_instance_network, load_backbone
from partparse.states.instance.settings import InstanceTrainSettings
from partparse.states.pairs import Pairs, observed_pairs, part_accuracy, part_loss
from partparse.states.persons import annotated_persons
from partparse.vocabulary import Vocabulary


class InstanceTask(Task):
    """Cross-entropy of each part's softmax over its labels, the mean over all known parts."""

    settings: InstanceTrainSettings

    def __init__(
        self, network: InstanceNetwork, settings: InstanceTrainSettings, pairs: Pairs
    ) -> None:
        """`pairs`: the network's labels."""
        super().__init__(network, settings)
        network.backbone.to(memory_format=torch.channels_last_3d)
        self._smoothing = settings.label_smoothing
        self._pairs = pairs

    def figures(self, batch: Batch) -> dict[str, Tensor]:
        """Loss, and the share of parts that were right."""
        scores = self.network(
            normalise(batch.clips, self.settings.weights),
            batch.edges,
            batch.owners,
            batch.sizes,
            batch.windows,
        )
        spread = self._pairs.spread(scores)
        return {
            "loss": part_loss(spread, batch.states, self._smoothing),
            "right": part_accuracy(spread.detach(), batch.states),
        }


def train_instance(
    annotations: pd.DataFrame,
    frames: Pictures,
    vocabulary: Vocabulary,
    settings: InstanceTrainSettings,
    tracks: Tracks | None = None,
    *,
    out: Path,
    job: Job,
    stage: str,
    initial: Path | None = None,
) -> None:
    """Fit a network on annotated persons of training videos; all else is as in `train_model`.

    The labels are all pairs of a part and a state that occur in `annotations`.

    Args:
        initial: model folder whose backbone training starts from, instead of `settings.weights`.
        tracks: the annotated persons over time, for settings with keypoints.

    Raises:
        InputError: no person to learn from; weights that do not fit.
    """
    persons = annotated_persons(annotations, frames.table, vocabulary, settings.frame_stride)
    if not len(persons):
        raise InputError(f"{stage}: no person of the training videos' frames has a part's state")
    pairs = observed_pairs(annotations, vocabulary)
    videos = decoded_videos(frames.table)
    reader = FrameReader(
        frames.cache, settings.frame_side, settings.memory_mb * 2**20 // max(1, settings.workers)
    )

    windows = find_windows(persons, tracks, settings.keypoints)
    training = TrainingKeyFrames(persons, videos, reader, settings, windows)
    train_model(
        lambda: build_instance_network(settings, len(pairs)),
        lambda network: InstanceTask(cast(InstanceNetwork, network), settings, pairs),
        training,
        settings=settings,
        out=out,
        job=job,
        stage=stage,
        made_from={
            "pairs": pairs.pairs,
            "videos": [list(video) for video in videos],
            "persons": persons.keys,
            "boxes": pd.DataFrame(persons.boxes),
            "states": pd.DataFrame(persons.states),
            "tracks": tracks and tracks._asdict(),
        },
        facts={
            "trained_on": {
                "videos": int(persons.keys["video"].nunique()),
                "key_frames": len(training),
                "persons": len(persons),
                "parts": int(np.sum(persons.states >= 0)),
            },
            **pairs.facts(),
        },
        weights=starting_weights(initial, settings.weights, settings.weights_sha256),
        load=lambda network, path: load_backbone(cast(InstanceNetwork, network), path),
        prepare=freeze_batch_norms if settings.freeze_bn else None,
        collate=collate,
        packages=("pytorchvideo", "torchvision"),
    )
