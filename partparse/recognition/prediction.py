"""What a trained clip classifier says of videos."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import DataLoader

from partparse.errors import InputError
from partparse.files import read_json
from partparse.program import progress
from partparse.recognition.clips import FrameReader, PredictionClips, Video, normalise
from partparse.recognition.registry import create
from partparse.recognition.settings import PredictSettings, TrainSettings
from partparse.recognition.weights import CARD, WEIGHTS
from partparse.weights import read_state_dict


@dataclass(frozen=True)
class Classifier:
    """A trained network, in evaluation mode, and its model card."""

    network: nn.Module
    classes: tuple[str, ...]
    settings: TrainSettings
    card: Mapping[str, Any]


def load_classifier(folder: Path, device: str) -> Classifier:
    """The model in a folder that `training.train` wrote.

    Raises InputError where a file is missing or damaged.
    """
    card = read_json(folder / CARD)
    try:
        classes = tuple(card["classes"])
        settings = TrainSettings(**card["settings"])
    except (KeyError, TypeError) as error:
        raise InputError(f"{folder / CARD}: not the card of a clip classifier: {error}") from None
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise InputError(f"{weights}: no such file of weights")
    network = create(**settings.network, classes=len(classes))
    try:
        network.load_state_dict(read_state_dict(weights))
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{weights}: does not fit the network of {CARD}: {reason}") from None
    network.to(device, memory_format=torch.channels_last_3d)
    return Classifier(network.eval(), classes, settings, card)


def predict(
    classifier: Classifier,
    videos: Sequence[Video],
    reader: FrameReader,
    settings: PredictSettings,
    device: str,
) -> NDArray[np.float32]:
    """The distribution over the classes for each video, (videos, classes).

    It is the mean of the distributions of the video's clips.
    """
    loader = DataLoader(
        PredictionClips(videos, reader, classifier.settings, settings),
        batch_size=None,
        num_workers=settings.workers,
        pin_memory=device != "cpu",
    )
    result = np.empty((len(videos), len(classifier.classes)), np.float32)
    half = settings.precision == "bf16-mixed"
    kind = torch.device(device).type
    with torch.inference_mode(), torch.autocast(kind, torch.bfloat16, enabled=half):
        for row, clips in enumerate(progress(loader, "classified videos", len(videos))):
            parts = [
                classifier.network(normalise(part.to(device))).float().softmax(1)
                for part in torch.as_tensor(clips).split(settings.batch)
            ]
            result[row] = torch.cat(parts).mean(0).cpu().numpy()
    return result


def open_reader(classifier: Classifier, cache: Path, settings: PredictSettings) -> FrameReader:
    """The reader of frames in the size that the classifier was trained with."""
    memory = settings.memory_mb * 2**20 // max(1, settings.workers)
    return FrameReader(cache, classifier.settings.frame_side, memory)
