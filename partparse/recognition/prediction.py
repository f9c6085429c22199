"""What a trained clip classifier says of videos, or of frames of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader

from partparse import tables
from partparse.errors import InputError
from partparse.files.weights import CARD, read_card
from partparse.learning.precision import predicting
from partparse.learning.pretrained import load_trained
from partparse.recognition.clips import (
    FrameReader,
    PredictionClips,
    Video,
    colours_last,
    decoded_videos,
    normalise,
)
from partparse.recognition.modality import MODALITIES
from partparse.recognition.person_views import join_persons, person_views
from partparse.recognition.registry import create
from partparse.recognition.settings import PredictSettings, TrainSettings
from partparse.running.loading import loaded_once
from partparse.running.prediction import Output, Predictor, Rows
from partparse.running.program import progress

VIDEOS_AT_ONCE = 128
"""Of predictors by clips: processes that load clips are started anew for each as many."""

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "class": lambda scores: scores.softmax(-1),
    "labels": torch.sigmoid,
}
"""What makes probabilities of scores (..., outputs), by what a model card calls its outputs: one
class, or labels of which any number may hold."""


@dataclass(frozen=True)
class Classifier:
    """A trained network, in evaluation mode, and its model card."""

    network: nn.Module
    classes: tuple[str, ...]
    settings: TrainSettings
    card: Mapping[str, Any]
    activation: Callable[[Tensor], Tensor]  # makes probabilities of the network's scores


@loaded_once
def load_classifier(folder: Path, device: str) -> Classifier:
    """The model in a folder that `training.train` wrote.

    Raises InputError where a file is missing or damaged.
    """
    card = read_card(folder, "classes", "settings", "outputs")
    try:
        settings = TrainSettings.of(card["settings"])
        activation = ACTIVATIONS[card["outputs"]]
    except (KeyError, TypeError, InputError) as error:
        raise InputError(f"{folder / CARD}: not the card of a clip classifier: {error}") from None
    classes = tuple(card["classes"])
    inputs = MODALITIES[settings.modality].network
    name, own = settings.network
    network = create(name, **own, **inputs, classes=len(classes))
    load_trained(network, folder)
    network = colours_last(network).to(device)
    return Classifier(network.eval(), classes, settings, card, activation)


def predict_clips(
    classifier: Classifier,
    videos: Sequence[Video],
    reader: FrameReader,
    settings: PredictSettings,
    device: str,
    *,
    centres: Sequence[int] | None = None,
) -> NDArray[np.float32]:
    """The probabilities of the classes for each video, (videos, classes).

    They are the mean of those of the video's clips; with `centres`, of the clip about that frame
    (from 0) of each entry of `videos`.
    """
    loader = DataLoader(
        PredictionClips(videos, reader, classifier.settings, settings, centres),
        batch_size=None,
        num_workers=settings.workers,
        pin_memory=device != "cpu",
    )
    result = np.empty((len(videos), len(classifier.classes)), np.float32)
    weights = classifier.settings.weights
    with predicting(settings.precision, device):
        for row, clips in enumerate(progress(loader, "classified clips", len(videos))):
            parts = [
                classifier.activation(
                    classifier.network(normalise(part.to(device), weights)).float()
                )
                for part in torch.as_tensor(clips).split(settings.batch)
            ]
            result[row] = torch.cat(parts).mean(0).cpu().numpy()
    return result


def open_reader(classifier: Classifier, cache: Path, settings: PredictSettings) -> FrameReader:
    """The reader of frames as the classifier was trained with."""
    memory = settings.memory_mb * 2**20 // max(1, settings.workers)
    trained = classifier.settings
    return FrameReader(cache, trained.frame_side, memory, trained.modality)


def read_pictures(model: Path, path: Path) -> pd.DataFrame:
    """The table of what a trained classifier sees: FRAMES, or FLOW. Raises InputError for another.

    `model`: its folder, a sound one.
    """
    modality = read_card(model, "settings")["settings"]["modality"]
    return tables.read(path, MODALITIES[modality].table)


def load_actions(model: Path, settings: PredictSettings, *, cache: Path, device: str) -> Predictor:
    """What makes the ACTIONS of videos of `frames` (FRAMES or FLOW): uniform for one without any.

    Where it is given `tracked`, PERSONS, each video is judged by its persons, one by one.

    `model` is the folder of a classifier of actions, `cache` that of the pictures.
    """
    classifier = load_classifier(model, device)

    def judge(rows: Rows) -> list[pd.DataFrame]:
        videos = decoded_videos(rows["frames"])
        reader = open_reader(classifier, cache, settings)
        views = person_views(videos, rows["tracked"]) if "tracked" in rows else videos
        known = predict_clips(classifier, views, reader, settings, device)
        known = join_persons(views, known, videos)
        names = pd.Index(rows["frames"]["video"])
        values = np.full((len(names), known.shape[1]), 1 / known.shape[1], np.float32)
        values[names.get_indexer(pd.Index([video.name for video in videos], dtype=str))] = known
        columns = tables.probability_columns(classifier.classes)
        return [pd.DataFrame(values, columns=columns).assign(video=names)[["video", *columns]]]

    actions = Output(tables.ACTIONS, classifier.classes)
    return Predictor(judge, [actions], [model], {"settings": settings}, at_once=VIDEOS_AT_ONCE)
