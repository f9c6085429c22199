"""States and actions from how persons move: keypoint sequences through CTR-GCN.

No entry of the challenge had it; the winner of 2022 names keypoints as future work.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from partparse import tables
from partparse.errors import InputError
from partparse.files.weights import CARD, read_card
from partparse.learning.pretrained import load_trained
from partparse.running.loading import loaded_once
from partparse.running.prediction import Output, Predictor, Rows
from partparse.running.program import progress
from partparse.states.pairs import Pairs, read_pairs
from partparse.states.persons import detected_persons, pool_actions, tabulate_states
from partparse.states.skeleton.input import normalise_windows
from partparse.states.skeleton.network import SkeletonNetwork, make_network
from partparse.states.skeleton.settings import SkeletonPredictSettings, SkeletonTrainSettings
from partparse.states.skeleton.tracklets import Tracklets, windows_about
from partparse.tables import PERSON_KEY
from partparse.vocabulary import PARTS, Vocabulary


@dataclass(frozen=True)
class SkeletonModel:
    """A trained network, ready to predict."""

    network: SkeletonNetwork
    settings: SkeletonTrainSettings
    pairs: Pairs


@loaded_once
def load_model(folder: Path, vocabulary: Vocabulary, device: str) -> SkeletonModel:
    """The model that `train_skeleton` wrote.

    Raises InputError where it is damaged or of another vocabulary.
    """
    card = read_card(folder, "settings", "pairs", "actions")
    if card["actions"] != list(vocabulary.actions):
        raise InputError(f"{folder / CARD}: of other actions than the vocabulary")
    settings = SkeletonTrainSettings.of(card["settings"])
    pairs = read_pairs(card["pairs"], vocabulary)
    network = make_network(pairs, len(vocabulary.actions), settings)
    load_trained(network, folder)
    return SkeletonModel(network.eval().to(device), settings, pairs)


def predict_persons(
    model: SkeletonModel,
    persons: pd.DataFrame,
    tracklets: Tracklets,
    own: pd.DataFrame,
    *,
    batch: int,
    device: str,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Distributions over states (N, 10, states) and actions (N, actions) of persons at key frames.

    And the share of its window in which each person is seen, (N,). See `windows_about` for
    `persons`, `tracklets` and `own`; `batch` persons are judged at once.
    """
    found: list[tuple[NDArray[np.float32], ...]] = []
    for start in progress(range(0, len(persons), batch), "batches of persons"):
        some = persons.iloc[start : start + batch]
        windows = windows_about(some, tracklets, own, model.settings)
        normalised = torch.from_numpy(normalise_windows(windows, model.settings.stride))
        with torch.inference_mode():
            scores = model.network(normalised.to(device))
            states = model.pairs.spread(scores.pairs[:, model.settings.length // 2].float())
            both = (states.softmax(-1), scores.actions.float().softmax(-1))
        seen = windows.present.mean(axis=1, dtype=np.float32)
        found.append((*(part.cpu().numpy() for part in both), seen))
    shapes = (
        (0, len(PARTS), len(model.pairs.states)),
        (0, model.network.actions.out_features),
        (0,),
    )
    empty = tuple(np.zeros(shape, np.float32) for shape in shapes)
    states, actions, share = (np.concatenate(parts) for parts in zip(empty, *found, strict=True))
    return states, actions, share


def load_skeleton(
    model: Path, vocabulary: Vocabulary, settings: SkeletonPredictSettings, *, device: str
) -> Predictor:
    """What makes the STATES of `parts` of `persons`, and the ACTIONS of all videos of `frames`.

    It looks at the keypoints of `tracked` persons, and at the `own` ones of those without a track.
    A video without a person gets uniform actions. `model` is the folder of the trained network.
    """
    trained = load_model(model, vocabulary, device)

    def judge(rows: Rows) -> tuple[pd.DataFrame, pd.DataFrame]:
        persons = rows["persons"].sort_values(PERSON_KEY, ignore_index=True)
        tracklets = Tracklets(rows["tracked"], rows["keypoints"])
        states, actions, seen = predict_persons(
            trained, persons, tracklets, rows["own"], batch=settings.batch, device=device
        )
        return (
            tabulate_states(detected_persons(persons, rows["parts"]), states, vocabulary),
            pool_actions(persons, actions, rows["frames"]["video"], vocabulary, seen),
        )

    outputs = [Output(tables.STATES, vocabulary.states), Output(tables.ACTIONS, vocabulary.actions)]
    return Predictor(judge, outputs, [model], {"settings": settings}, at_once=None)
