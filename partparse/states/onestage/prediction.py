"""Parts and their states in one step: a detector whose classes are pairs of a part and a state.

Section 3.3, "Instance Level - One-stage", of the winner's report of the Kinetics-TPS challenge
2022 (.6597): from single frames, without any time. Its persons and parts are its own; parts go to
persons as in `detection.assignment`. A part's box has scores for all its pairs, and these are the
distribution over its states.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from partparse import tables
from partparse.boxes import Floats, Integers
from partparse.detection.frame_parts import (
    GROUPS,
    OwnedParts,
    detect_in_frames,
    own_parts,
    tabulate_owned,
)
from partparse.detection.yolo.detector import Detector
from partparse.detection.yolo.groups import GroupDetections
from partparse.running.prediction import Output, Predictor, Rows
from partparse.states.onestage.settings import OneStagePredictSettings
from partparse.states.rows import states_table
from partparse.tables import BOX, FRAME_KEY, PART_KEY
from partparse.vocabulary import PERSON, Vocabulary


def part_of(name: str) -> str:
    """The part, or the person, that a class is about."""
    return name.partition(" ")[0]


def state_distributions(
    class_scores: Floats, parts: Integers, names: Sequence[str], states: Sequence[str]
) -> Floats:
    """The distribution over states that the scores of each part's pairs stand for.

    Args:
        class_scores: (N, classes) of boxes, some class of the box's part above 0.
        parts: (N,) indices into PARTS: what each box is of.
        names: of the classes.
        states: of the vocabulary.

    Returns:
        (N, states); each row sums to 1.
    """
    pairs = [name.partition(" ") for name in names]
    about = np.array([GROUPS.index(part) for part, _, _ in pairs])
    state = np.array([part != PERSON and states.index(own) for part, _, own in pairs], int)
    own = np.where(about == parts[:, None], class_scores, 0.0)
    sums = own @ np.eye(len(states))[state]
    return sums / sums.sum(axis=1, keepdims=True)


def load_onestage(
    model: Path,
    vocabulary: Vocabulary,
    settings: OneStagePredictSettings,
    *,
    cache: Path,
    device: str,
) -> Predictor:
    """What makes PERSONS, PARTS_TABLE and STATES of `scored` frames.

    `model` and `cache` are the folders of the detector and of the frames.
    """
    detector = Detector.load(model, device)
    groups = [GROUPS.index(part_of(name)) for name in detector.names]

    def detect(rows: Rows) -> list[pd.DataFrame]:
        keys = list(rows["scored"][FRAME_KEY].itertuples(index=False, name=None))
        found = []
        seen_in = detect_in_frames(detector, keys, groups, cache, settings)
        for (video, frame), seen in zip(keys, seen_in, strict=True):
            persons = _persons_of(video, frame, seen, settings)
            scores = persons["score"].to_numpy(float)
            owned = own_parts(persons[BOX].to_numpy(float), scores, seen, settings.containment)
            parts = tabulate_owned(persons, owned, seen)
            found.append((persons, parts, states_of(parts, owned, seen)))
        return [pd.concat(tables_, ignore_index=True) for tables_ in zip(*found, strict=True)]

    def states_of(parts: pd.DataFrame, owned: OwnedParts, seen: GroupDetections) -> pd.DataFrame:
        scores = seen.class_scores[owned.found]
        given = state_distributions(scores, owned.part, detector.names, vocabulary.states)
        return states_table(parts[PART_KEY], given, vocabulary)

    outputs = [
        Output(tables.PERSONS),
        Output(tables.PARTS_TABLE),
        Output(tables.STATES, vocabulary.states),
    ]
    return Predictor(detect, outputs, [model], {"settings": settings})


def _persons_of(
    video: str, frame: int, seen: GroupDetections, settings: OneStagePredictSettings
) -> pd.DataFrame:
    """PERSONS of one frame."""
    is_person = (seen.groups == GROUPS.index(PERSON)) & (seen.scores >= settings.person_score)
    kept = np.flatnonzero(is_person)[: settings.persons]
    columns = dict(zip(BOX, seen.boxes[kept].T, strict=True))
    numbers = np.arange(1, len(kept) + 1)
    table = pd.DataFrame({"person": numbers, **columns, "score": seen.scores[kept]})
    return table.assign(video=video, frame=frame, track=-1)
