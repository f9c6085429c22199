"""What a trained instance-level method says of detected persons."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from partparse import tables
from partparse.errors import InputError
from partparse.files.weights import CARD, read_card
from partparse.learning.precision import predicting
from partparse.learning.pretrained import load_trained
from partparse.recognition.clips import FrameReader, Video, decoded_videos, normalise
from partparse.running.loading import loaded_once
from partparse.running.prediction import Output, Predictor, Rows
from partparse.states.instance.clips import KeyFrames, collate
from partparse.states.instance.keypoints import KeypointWindows, Tracks, find_windows
from partparse.states.instance.network import InstanceNetwork, build_instance_network
from partparse.states.instance.settings import InstancePredictSettings, InstanceTrainSettings
from partparse.states.pairs import Pairs, read_pairs
from partparse.states.persons import PersonParts, detected_persons, tabulate_states
from partparse.vocabulary import Vocabulary

_MEMORY = 2**29  # bytes of one video's resized frames: more than 1,000 of 320 pixels


@dataclass(frozen=True)
class InstanceModel:
    """A trained network, in evaluation mode, and what it was trained with."""

    network: InstanceNetwork
    pairs: Pairs
    settings: InstanceTrainSettings

    @classmethod
    @loaded_once
    def load(cls, folder: Path, vocabulary: Vocabulary, device: str) -> "InstanceModel":
        """The model in a folder that `train_instance` wrote.

        Raises InputError where a file is missing or damaged, or of another vocabulary.
        """
        card = read_card(folder, "settings", "pairs")
        try:
            settings = InstanceTrainSettings.of(card["settings"])
        except (TypeError, InputError) as error:
            raise InputError(
                f"{folder / CARD}: not the card of an instance-level method: {error}"
            ) from None
        pairs = read_pairs(card["pairs"], vocabulary)
        network = build_instance_network(settings, len(pairs))
        load_trained(network, folder)
        network.backbone.to(memory_format=torch.channels_last_3d)
        return cls(network.to(device).eval(), pairs, settings)


def load_instance(
    model: Path,
    vocabulary: Vocabulary,
    settings: InstancePredictSettings,
    *,
    cache: Path,
    device: str,
) -> Predictor:
    """What makes the STATES of `parts` of `persons` in videos of `frames`.

    The persons of a frame are judged together, those included that have no part. A model with
    keypoints asks for `Tracks` as well. `model` and `cache` are its folder and that of the frames.
    """
    trained = InstanceModel.load(model, vocabulary, device)

    def judge(rows: Rows) -> list[pd.DataFrame]:
        persons = detected_persons(rows["persons"], rows["parts"])
        tracks = Tracks(*(rows[name] for name in Tracks._fields)) if "tracked" in rows else None
        windows = find_windows(persons, tracks, trained.settings.keypoints)
        (video,) = decoded_videos(rows["frames"])
        # the frames that clips share are read once
        reader = FrameReader(cache, trained.settings.frame_side, _MEMORY)
        judged = judge_persons(
            trained, persons, video, reader, settings=settings, device=device, windows=windows
        )
        return [tabulate_states(persons, judged, vocabulary)]

    states = Output(tables.STATES, vocabulary.states)
    return Predictor(judge, [states], [model], {"settings": settings})


def judge_persons(
    model: InstanceModel,
    persons: PersonParts,
    video: Video,
    reader: FrameReader,
    *,
    settings: InstancePredictSettings,
    device: str,
    windows: KeypointWindows | None = None,
) -> NDArray[np.float32]:
    """Distributions over the states of each part of N persons of a video, (N, 10, states)."""
    frames = KeyFrames(persons, [video], reader, model.settings, windows)
    results = [np.empty((0, *persons.states.shape[1:], len(model.pairs.states)), np.float32)]
    weights = model.settings.weights
    with predicting(settings.precision, device):
        for start in range(0, len(frames), settings.batch):
            items = range(start, min(start + settings.batch, len(frames)))
            batch = collate([frames[item] for item in items])
            clips, edges, owners = (
                part.to(device) for part in (batch.clips, batch.edges, batch.owners)
            )
            moved = None if batch.windows is None else batch.windows.to(device)
            scores: Tensor = model.network(
                normalise(clips, weights), edges, owners, batch.sizes, moved
            )
            judged = model.pairs.spread(scores.float()).softmax(-1)
            results.append(judged.cpu().numpy())
    return np.concatenate(results)
