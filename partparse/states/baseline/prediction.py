"""The official baseline on detected boxes: a table of states and one of actions."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse import sampling, tables
from partparse.augment import View
from partparse.errors import InputError
from partparse.files.atomic import read_json
from partparse.files.weights import CARD
from partparse.learning.precision import predicting
from partparse.learning.pretrained import load_trained
from partparse.running.loading import loaded_once
from partparse.running.prediction import Output, Predictor, Rows
from partparse.states.baseline.frames import Frame, FrameReader, ObjectBoxes, join_frames
from partparse.states.baseline.network import BaselineNetwork
from partparse.states.baseline.settings import BaselinePredictSettings, BaselineTrainSettings
from partparse.states.pairs import Pairs, read_pairs
from partparse.states.persons import detected_persons, tabulate_states
from partparse.tables import PERSON_KEY
from partparse.vocabulary import Vocabulary


@loaded_once
def _load_network(
    folder: Path, vocabulary: Vocabulary, device: str
) -> tuple[BaselineNetwork, Pairs, tuple[int, int]]:
    """The network of a folder, its pairs, and the sides of the frames and crops that it sees."""
    card = read_json(folder / CARD)
    try:
        trained = BaselineTrainSettings.of(card["settings"])
        pairs = read_pairs(card["pairs"], vocabulary)
        network = BaselineNetwork(trained, card, pairs)
        sides = trained.frame_side, card["tsn"]["crop_side"]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{folder / CARD}: not the card of a baseline: {error}") from None
    if card["classes"] != list(vocabulary.actions):
        raise InputError(f"{folder / CARD}: trained for other actions than the vocabulary's")
    load_trained(network, folder)
    return network.to(device).eval(), pairs, sides


class Baseline:
    """A trained baseline, ready to be used on `device`."""

    def __init__(
        self,
        folder: Path,
        vocabulary: Vocabulary,
        settings: BaselinePredictSettings,
        *,
        cache: Path,
        stride: int,
        device: str,
    ) -> None:
        """Read a model folder; all else is as of `load_baseline`.

        Raises InputError where the folder is damaged or of another vocabulary.
        """
        self._network, self._pairs, sides = _load_network(folder, vocabulary, device)
        self._reader = FrameReader(cache, *sides)
        self._vocabulary = vocabulary
        self._settings = settings
        self._stride = stride
        self._device = device

    def judge(self, rows: Rows) -> tuple[pd.DataFrame, pd.DataFrame]:
        """STATES and ACTIONS of a video; without a scored frame all actions are equally likely."""
        table = rows["persons"].sort_values(PERSON_KEY)
        persons, scores = detected_persons(table, rows["parts"]), table["score"].to_numpy(float)
        objects = ObjectBoxes(rows["objects"])
        video, batch = str(rows["frames"]["video"].iloc[0]), self._settings.batch
        numbers = sampling.scored(int(rows["frames"]["frames"].iloc[0]), self._stride)
        states = np.zeros((len(persons), *persons.states.shape[1:], len(self._vocabulary.states)))
        actions: list[NDArray[np.float64]] = []
        frame_of_person = persons.keys["frame"].to_numpy()
        for start in range(0, len(numbers), batch):
            frames, owned = [], []
            for number in map(int, numbers[start : start + batch]):
                own = np.flatnonzero(frame_of_person == number)
                owned.append(own)
                counted = scores[own] >= self._settings.person_score
                taken, found = persons.take(own), objects.of(video, number)
                frames.append(
                    self._reader.read(video, number, taken, found, View(), counted=counted)
                )
            states[np.concatenate(owned)], scored = self._score(frames)
            actions.append(scored)
        return (
            tabulate_states(persons, states, self._vocabulary),
            self._tabulate_action(video, actions),
        )

    def _score(self, frames: Sequence[Frame]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distributions of the persons' parts (N, 10, states), scores of actions (F, A)."""
        batch = join_frames(frames)
        batch = type(batch)(*(values.to(self._device) for values in batch))
        with predicting(self._settings.precision, self._device):
            scores = self._network(batch)
            states = self._pairs.spread(scores.pairs.double()).softmax(-1)
        return states.cpu().numpy(), scores.actions.double().cpu().numpy()

    def _tabulate_action(self, video: str, scores: Sequence[NDArray[np.float64]]) -> pd.DataFrame:
        """ACTIONS of the video: the softmax of its frames' mean score."""
        names = self._vocabulary.actions
        mean = np.concatenate(scores).mean(0) if scores else np.zeros(len(names))
        shares = np.exp(mean - mean.max())
        values = pd.DataFrame([shares / shares.sum()], columns=tables.probability_columns(names))
        values.insert(0, "video", video)
        return tables.checked(values, tables.ACTIONS)


def load_baseline(
    model: Path,
    vocabulary: Vocabulary,
    settings: BaselinePredictSettings,
    *,
    cache: Path,
    stride: int,
    device: str,
) -> Predictor:
    """What makes the STATES of `parts` of `persons`, and the ACTIONS of all videos of `frames`.

    Detected `objects` are looked at too. `model` and `cache` are the folders of the trained network
    and of the frames; every how many frames one is scored says `stride`.
    """
    baseline = Baseline(model, vocabulary, settings, cache=cache, stride=stride, device=device)
    outputs = [Output(tables.STATES, vocabulary.states), Output(tables.ACTIONS, vocabulary.actions)]
    return Predictor(baseline.judge, outputs, [model], {"settings": settings, "stride": stride})
