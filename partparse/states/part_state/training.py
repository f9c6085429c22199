"""Training the part-state net on the annotated persons of the training videos."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from partparse.errors import InputError
from partparse.files.weights import starting_weights
from partparse.learning.batches import Epochs
from partparse.learning.loop import train_model
from partparse.learning.task import Task
from partparse.row_keys import codes
from partparse.running.arguments import Job, Pictures
from partparse.states.backbone import load_backbone
from partparse.states.pairs import Pairs, observed_pairs, part_accuracy, part_loss
from partparse.states.part_state.examples import Example, PersonExamples, balancing_weights
from partparse.states.part_state.network import PartStateNet, score_pairs
from partparse.states.part_state.settings import PartStateTrainSettings
from partparse.states.persons import UNKNOWN, PersonParts, annotated_persons
from partparse.vocabulary import Vocabulary

STAGE = "train_part_state"


class PartStateTask(Task):
    """Cross-entropy over the states of each part."""

    settings: PartStateTrainSettings

    def __init__(self, network: nn.Module, settings: PartStateTrainSettings, pairs: Pairs) -> None:
        """`pairs` are what the network scores."""
        super().__init__(network.to(memory_format=torch.channels_last), settings)
        self._pairs = pairs
        self._smoothing = settings.label_smoothing

    def figures(self, batch: Example) -> dict[str, Tensor]:
        """Loss, and the share of the parts with a known state that were right."""
        scores = self._pairs.spread(score_pairs(self.network, batch, self.settings.weights))
        return {
            "loss": part_loss(scores, batch.states, self._smoothing),
            "right": part_accuracy(scores.detach(), batch.states),
        }


def train_part_state(
    videos: pd.DataFrame,
    annotations: pd.DataFrame,
    frames: Pictures,
    vocabulary: Vocabulary,
    settings: PartStateTrainSettings,
    *,
    out: Path,
    job: Job,
) -> None:
    """Train the part-state net on tables of the training videos; all else as in `train_model`.

    Raises InputError where no annotated part with a state is on a frame that is trained on, and for
    weights that do not fit.
    """
    persons = annotated_persons(annotations, frames.table, vocabulary, settings.frame_stride)
    if not len(persons):
        raise InputError(f"{STAGE}: no part with a state on the extracted frames of train")
    pairs = observed_pairs(annotations, vocabulary)
    actions = true_actions(persons, videos, vocabulary)
    weights = balancing_weights(persons.states, len(vocabulary.states), settings.balance)
    train_model(
        lambda: PartStateNet(settings, len(vocabulary.actions), pairs.part_index),
        lambda network: PartStateTask(network, settings, pairs),
        PersonExamples(persons, actions, frames.cache, settings),
        settings=settings,
        out=out,
        job=job,
        stage=STAGE,
        made_from={
            "annotations": annotations,
            "frames": frames.table,
            "videos": videos[["video", "action"]],
            "vocabulary": vocabulary,
        },
        facts={
            "trained_on": {
                "videos": persons.keys["video"].nunique(),
                "persons": len(persons),
                "parts": int((persons.states != UNKNOWN).sum()),
            },
            "actions": list(vocabulary.actions),
            "states": list(vocabulary.states),
            **pairs.facts(),
        },
        weights=starting_weights(None, settings.weights, settings.weights_sha256),
        load=load_backbone,
        sampler=Epochs(len(weights), settings.seed, weights.tolist()),
        packages=("timm", "torchvision"),
    )


def true_actions(
    persons: PersonParts, videos: pd.DataFrame, vocabulary: Vocabulary
) -> NDArray[np.float32]:
    """(N, A): 1 at the action of each person's video. Raises InputError for an unknown action."""
    named = persons.keys["video"].map(videos.set_index("video")["action"])
    index = codes(named, vocabulary.actions)
    if (index < 0).any():
        wrong = persons.keys["video"][index < 0].iloc[0]
        raise InputError(f"{STAGE}: video {wrong!r} has no action of the vocabulary")
    return np.eye(len(vocabulary.actions), dtype=np.float32)[index]
