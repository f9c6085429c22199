"""Predicting the states of detected persons' parts with a trained part-state net."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from partparse import tables
from partparse.boxes import Floats
from partparse.errors import InputError
from partparse.files.weights import CARD, read_card
from partparse.frames.cache import read_frame
from partparse.learning.precision import predicting
from partparse.learning.pretrained import load_trained
from partparse.running.loading import loaded_once
from partparse.running.prediction import Output, Predictor, Rows
from partparse.states.crops import Place, boxes_to_place, cut_place
from partparse.states.pairs import Pairs, read_pairs
from partparse.states.part_state.examples import Example, mirror_example
from partparse.states.part_state.network import PartStateNet, score_pairs
from partparse.states.part_state.settings import PartStatePredictSettings, PartStateTrainSettings
from partparse.states.persons import PersonParts, detected_persons, tabulate_states
from partparse.states.rows import video_distributions
from partparse.tables import FRAME_KEY
from partparse.vocabulary import PARTS, Vocabulary, swap_order


@dataclass(frozen=True)
class PartStatePredictor:
    """A trained part-state net on its device."""

    network: PartStateNet
    settings: PartStateTrainSettings
    pairs: Pairs
    device: str

    @classmethod
    @loaded_once
    def load(cls, model: Path, vocabulary: Vocabulary, device: str) -> "PartStatePredictor":
        """Load a model folder. Raises InputError for one that is damaged or of other names."""
        card = read_card(model, "settings", "actions", "states", "pairs")
        for what in ("actions", "states"):
            if card[what] != list(getattr(vocabulary, what)):
                raise InputError(f"{model / CARD}: trained for other {what} than the vocabulary's")
        settings = PartStateTrainSettings.of(card["settings"])
        pairs = read_pairs(card["pairs"], vocabulary)
        network = PartStateNet(settings, len(vocabulary.actions), pairs.part_index)
        load_trained(network, model)
        return cls(network.to(device).eval(), settings, pairs, device)

    def see(self, persons: PersonParts, actions: Floats, cache: Path) -> Example:
        """Detected persons as a batch, with the distribution over actions (N, A) of each."""
        size = self.settings.crop_side
        places = [Place.about(box, self.settings.crop_margin) for box in persons.boxes]
        boxes = np.concatenate([persons.part_boxes, persons.boxes[:, None]], axis=1)
        keys = persons.keys[FRAME_KEY].itertuples(index=False, name=None)
        read = lru_cache(maxsize=1)(read_frame)  # persons of a frame follow each other
        pictures = [
            cut_place(read(cache, video, frame), place, size)
            for (video, frame), place in zip(keys, places, strict=True)
        ]
        placed = [
            boxes_to_place(own, place, size) for own, place in zip(boxes, places, strict=True)
        ]
        return Example(
            np.stack(pictures),
            np.stack(placed).astype(np.float32),
            actions.astype(np.float32),
            persons.states,
        )

    def judge(self, batch: Example, how: PartStatePredictSettings) -> Floats:
        """Distributions (N, 10, states) of a batch."""
        if how.mirror:
            once = how.replace(mirror=False)
            mirrored = self.judge(mirror_example(batch), once)
            swapped = mirrored[:, swap_order(PARTS)]
            return (self.judge(batch, once) + swapped) / 2
        on_device = Example(*(torch.from_numpy(value).to(self.device) for value in batch))
        with predicting(how.precision, self.device):
            scores = score_pairs(self.network, on_device, self.settings.weights)
        return self.pairs.spread(scores.float()).softmax(dim=2).cpu().numpy()


def load_part_state(
    model: Path,
    vocabulary: Vocabulary,
    settings: PartStatePredictSettings,
    *,
    cache: Path,
    device: str,
) -> Predictor:
    """What makes the STATES of `parts` of `persons` in videos with `actions`.

    `model` and `cache` are the folders of the trained net and of the frames. Raises InputError for
    a model that is damaged or of other names, and tables that do not fit each other.
    """
    net = PartStatePredictor.load(model, vocabulary, device)

    def judge(rows: Rows) -> list[pd.DataFrame]:
        found = detected_persons(rows["persons"], rows["parts"])
        given = video_distributions(rows["actions"], found.keys, vocabulary)
        judged = []
        for start in range(0, len(found), settings.batch):
            some = slice(start, start + settings.batch)
            judged.append(net.judge(net.see(found.take(some), given[some], cache), settings))
        return [tabulate_states(found, np.concatenate(judged), vocabulary)]

    states = Output(tables.STATES, vocabulary.states)
    return Predictor(judge, [states], [model], {"settings": settings})
