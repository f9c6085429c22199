"""Training the skeleton network: every labelled moment of a window teaches states."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from torch import Tensor, nn
from torch.nn import functional

from partparse.errors import InputError
from partparse.learning.loop import train_model
from partparse.learning.task import Task
from partparse.row_keys import codes
from partparse.running.arguments import Job
from partparse.states.pairs import Pairs, observed_pairs, part_accuracy, part_loss
from partparse.states.persons import annotated_persons
from partparse.states.skeleton.examples import SkeletonWindows
from partparse.states.skeleton.network import make_network
from partparse.states.skeleton.settings import SkeletonTrainSettings
from partparse.states.skeleton.tracklets import Tracklets
from partparse.vocabulary import Vocabulary

STAGE = "train_skeleton"
Batch = tuple[Tensor, Tensor, Tensor]


class SkeletonTask(Task):
    """Cross-entropy of the states at all labelled moments, and of the action."""

    settings: SkeletonTrainSettings

    def __init__(self, network: nn.Module, settings: SkeletonTrainSettings, pairs: Pairs) -> None:
        """`pairs`: what the network's states are."""
        super().__init__(network, settings)
        self._pairs = pairs

    def figures(self, batch: Batch) -> dict[str, Tensor]:
        """Loss, and which shares of the states and of the actions are right."""
        windows, states, actions = batch
        smoothing = self.settings.label_smoothing
        scores = self.network(windows)
        spread = self._pairs.spread(scores.pairs.flatten(0, 1))
        states = states.flatten(0, 1)
        action_loss = functional.cross_entropy(scores.actions, actions, label_smoothing=smoothing)
        loss = part_loss(spread, states, smoothing) + self.settings.action_weight * action_loss
        return {
            "loss": loss,
            "right": part_accuracy(spread.detach(), states),
            "action": (scores.actions.detach().argmax(1) == actions).float().mean(),
        }


def train_skeleton(
    tables_of: Mapping[str, pd.DataFrame],
    vocabulary: Vocabulary,
    settings: SkeletonTrainSettings,
    *,
    out: Path,
    job: Job,
) -> None:
    """Train on tracked annotated persons; all else is as in `train_model`.

    `tables_of` are VIDEOS, FRAMES, ANNOTATIONS, tracked PERSONS and their KEYPOINT_TABLE of the
    training videos, by the names videos, frames, annotations, tracked, keypoints. Raises InputError
    where there is no labelled person with a track.
    """
    annotations = tables_of["annotations"]
    persons = annotated_persons(annotations, tables_of["frames"], vocabulary, 1)
    pairs = observed_pairs(annotations, vocabulary)
    named = tables_of["videos"].set_index("video")["action"]
    actions = codes(persons.keys["video"].map(named), vocabulary.actions)
    tracklets = Tracklets(tables_of["tracked"], tables_of["keypoints"])
    training = SkeletonWindows(tracklets, persons, actions, settings)
    if not len(training):
        raise InputError(f"{STAGE}: no training video has a person with states and a track")
    train_model(
        lambda: make_network(pairs, len(vocabulary.actions), settings),
        lambda network: SkeletonTask(network, settings, pairs),
        training,
        settings=settings,
        out=out,
        job=job,
        stage=STAGE,
        made_from={"tables": tables_of, "states": list(vocabulary.states)},
        facts={
            **pairs.facts(),
            "actions": list(vocabulary.actions),
            "trained_on": {
                "videos": int(persons.keys["video"].nunique()),
                "persons": len(persons),
                "windows": len(training),
            },
        },
    )
