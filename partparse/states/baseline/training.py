"""The official baseline: states and the action from features of parts, humans, objects and frames.

It is trained on annotated boxes and used on detected ones. The TSN is an action model of the
workflow that was trained before; its features of a frame are used as they are. The page that
describes the baseline (deeperaction.github.io/datasets/kinetics_tps) gives no figures of its
training.
"""

from pathlib import Path
from typing import Any

import pandas as pd
from torch import Tensor, nn
from torch.nn import functional

from partparse.errors import InputError
from partparse.files.weights import (
    WEIGHTS,
    digest,
    read_card,
    read_state_dict,
    starting_weights,
)
from partparse.learning.frozen_bn import freeze_batch_norms
from partparse.learning.loop import train_model
from partparse.learning.task import Task
from partparse.running.arguments import Job, Pictures
from partparse.states.baseline.frames import FrameBatch, FrameReader
from partparse.states.baseline.network import BaselineNetwork
from partparse.states.baseline.segments import TrainingSegments, join_segments
from partparse.states.baseline.settings import BaselineTrainSettings
from partparse.states.pairs import Pairs, observed_pairs, part_accuracy, part_loss
from partparse.states.persons import annotated_persons
from partparse.vocabulary import Vocabulary


class BaselineTask(Task):
    """The states' loss and the weighted action's, over segments of videos."""

    network: BaselineNetwork
    settings: BaselineTrainSettings

    def __init__(
        self, network: BaselineNetwork, settings: BaselineTrainSettings, pairs: Pairs
    ) -> None:
        """`pairs`: the labels that the network's state scores stand for."""
        super().__init__(network, settings)
        self._pairs = pairs

    def figures(self, batch: tuple[FrameBatch, Tensor]) -> dict[str, Tensor]:
        """Losses, and the shares of parts and of videos that were right."""
        frames, actions = batch
        scores = self.network(frames)
        states = self._pairs.spread(scores.pairs)
        videos = scores.actions.unflatten(0, (len(actions), -1)).mean(1)
        state_loss = part_loss(states, frames.states)
        action_loss = functional.cross_entropy(videos.float(), actions)
        return {
            "loss": state_loss + self.settings.action_weight * action_loss,
            "state_loss": state_loss,
            "right": part_accuracy(states, frames.states).float(),
            "right_actions": (videos.argmax(1) == actions).float().mean(),
        }


def train_baseline(
    videos: pd.DataFrame,
    annotations: pd.DataFrame,
    objects: pd.DataFrame,
    frames: Pictures,
    vocabulary: Vocabulary,
    *,
    tsn: Path,
    settings: BaselineTrainSettings,
    out: Path,
    job: Job,
) -> None:
    """Train the baseline on tables of the training videos; all else is as in `train_model`.

    `tsn` is the model folder of a TSN that was trained on the actions. Raises InputError where
    there is nothing to train on, for weights that do not fit, and an action model that is no TSN.
    """
    persons = annotated_persons(annotations, frames.table, vocabulary, settings.frame_stride)
    pairs = observed_pairs(annotations, vocabulary)
    index = {action: number for number, action in enumerate(vocabulary.actions)}
    actions = {v: index[a] for v, a in videos[["video", "action"]].dropna().itertuples(index=False)}
    tsn_facts = _tsn_facts(tsn)
    training = TrainingSegments(
        persons,
        objects,
        actions,
        FrameReader(frames.cache, settings.frame_side, tsn_facts["crop_side"]),
        settings,
    )
    if not len(training):
        raise InputError("baseline: no training video has an action, frames and labelled parts")
    facts = {
        "trained_on": {"videos": len(training), "persons": len(persons)},
        "classes": list(vocabulary.actions),
        "tsn": tsn_facts,
        **pairs.facts(),
    }

    def make_network() -> nn.Module:
        network = BaselineNetwork(settings, facts, pairs)
        _load_strictly(network.tsn, tsn / WEIGHTS)  # but for its classifier
        return network

    train_model(
        make_network,
        lambda network: BaselineTask(network, settings, pairs),
        training,
        settings=settings,
        out=out,
        job=job,
        stage="train_baseline",
        made_from={
            "videos": videos,
            "annotations": annotations,
            "objects": objects,
            "frames": frames.table,
            "vocabulary": vocabulary,
            "tsn": digest(tsn / WEIGHTS),
        },
        facts=facts,
        weights=starting_weights(None, settings.weights, settings.weights_sha256),
        load=load_backbone,
        prepare=freeze_batch_norms if settings.freeze_bn else None,
        collate=join_segments,
        packages=("torchvision",),
    )


def _tsn_facts(folder: Path) -> dict[str, Any]:
    """What the network of a trained TSN is made with and from, and its input's side in pixels."""
    settings = read_card(folder, "settings")["settings"]
    name, modality = settings["network"][0], settings.get("modality", "rgb")
    if (name, modality) != ("tsn", "rgb"):
        raise InputError(f"{folder}: expected a tsn on rgb, the network is {name!r} on {modality}")
    return {name: settings[name] for name in ("network", "crop_side", "weights")}


def load_backbone(network: nn.Module, path: Path) -> None:
    """Put a ResNet's weights, named as torchvision's, into the network's trunk.

    Raises InputError that names the keys where they do not fit.
    """
    assert isinstance(network, BaselineNetwork)
    _load_strictly(network.trunk, path)


def _load_strictly(resnet: nn.Module, path: Path) -> None:
    held = {k: v for k, v in read_state_dict(path).items() if not k.startswith("fc.")}
    own = resnet.state_dict()
    # old files do not count the batches
    counts = {k: v for k, v in own.items() if k.endswith("num_batches_tracked")}
    try:
        resnet.load_state_dict(counts | held)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: weights do not fit the ResNet: {reason}") from None
