"""Predicting the states of detected persons' parts with a trained part-state net."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from partparse import tables
from partparse.errors import InputError
from partparse.files.weights import CARD, WEIGHTS, digest, read_card
from partparse.frames.cache import read_frame
from partparse.learning.pretrained import load_trained
from partparse.running.per_video import write_by_video
from partparse.states.pairs import Pairs, read_pairs
from partparse.states.part_state.crops import Place, boxes_to_place, cut_place
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

    def see(self, persons: PersonParts, actions: NDArray[np.floating], cache: Path) -> Example:
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

    def judge(self, batch: Example, how: PartStatePredictSettings) -> NDArray[np.floating]:
        """Distributions (N, 10, states) of a batch."""
        if how.mirror:
            once = how.replace(mirror=False)
            mirrored = self.judge(mirror_example(batch), once)
            swapped = mirrored[:, swap_order(PARTS)]
            return (self.judge(batch, once) + swapped) / 2
        on_device = Example(*(torch.from_numpy(value).to(self.device) for value in batch))
        half = how.precision == "bf16-mixed"
        kind = torch.device(self.device).type
        with torch.inference_mode(), torch.autocast(kind, torch.bfloat16, enabled=half):
            scores = score_pairs(self.network, on_device)
        return self.pairs.spread(scores.float()).softmax(dim=2).cpu().numpy()


def predict_part_state(
    model: Path,
    persons: pd.DataFrame,
    parts: pd.DataFrame,
    actions: pd.DataFrame,
    frames: pd.DataFrame,
    *,
    vocabulary: Vocabulary,
    settings: PartStatePredictSettings,
    cache: Path,
    version: int,
    device: str,
    out: Path,
) -> None:
    """Predict and write the STATES table of detected parts.

    Args:
        model: folder of the trained net.
        persons: PERSONS table.
        parts: PARTS_TABLE of these persons.
        actions: ACTIONS of their videos.
        frames: FRAMES of the videos.
        vocabulary: names of actions and states.
        settings: how to predict.
        cache: folder of the extracted frames.
        version: of this code; what another version left half done is not used.
        device: "cpu" or "cuda:0".
        out: the table's file.

    Raises:
        InputError: tables that do not fit each other or the model.
    """
    predictor = PartStatePredictor.load(model, vocabulary, device)
    by_video = dict(iter(persons.groupby("video")))

    def judge_video(own: pd.DataFrame) -> pd.DataFrame:
        found = detected_persons(by_video[own["video"].iloc[0]], own)
        given = video_distributions(actions, found.keys, vocabulary)
        judged = []
        for start in range(0, len(found), settings.batch):
            some = slice(start, start + settings.batch)
            judged.append(
                predictor.judge(predictor.see(found.take(some), given[some], cache), settings)
            )
        return tabulate_states(found, np.concatenate(judged), vocabulary)

    write_by_video(
        parts[parts["part"].isin(PARTS)],
        judge_video,
        out,
        tables.STATES,
        frames=frames,
        made_by={
            "version": version,
            "model": digest(model / WEIGHTS),
            "persons": persons,
            "actions": actions,
            "settings": settings,
        },
        what="part states of videos",
        names=vocabulary.states,
    )
