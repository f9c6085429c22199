"""Parts and their states in one step: a detector whose classes are pairs of a part and a state.

Section 3.3, "Instance Level - One-stage", of the winner's report of the Kinetics-TPS challenge
2022 (.6597): from single frames, without any time. Its persons and parts are its own; parts go to
persons as in `detection.assignment`. A part's box has scores for all its pairs, and these are the
distribution over its states.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse import tables
from partparse.detection.frame_detection import (
    FrameTrainSettings,
    scored_frames,
    select_annotated,
)
from partparse.detection.frame_parts import (
    GROUPS,
    FramePartSettings,
    OwnedParts,
    detect_in_frames,
    own_parts,
    tabulate_owned,
)
from partparse.detection.frame_pictures import label_frames, unknown_classes
from partparse.detection.yolo.detector import WEIGHTS, Detector
from partparse.detection.yolo.groups import GroupDetections
from partparse.detection.yolo.training import train_detector
from partparse.files.weights import digest
from partparse.running.per_video import write_tables_by_video
from partparse.states.pairs import observed_pairs
from partparse.states.rows import KEY, states_table
from partparse.tables import BOX
from partparse.vocabulary import PARTS, PERSON, Vocabulary, swap_side


@dataclass(frozen=True)
class OneStagePredictSettings(FramePartSettings):
    """Which persons and parts found in a frame count."""

    person_score: float
    """Lowest score of a person kept."""
    persons: int
    """Persons kept in a frame."""


def pair_labels(annotations: pd.DataFrame) -> pd.Series:
    """The class of each row of ANNOTATIONS: "PART STATE", the person's, or none without a state."""
    label = annotations["part"].str.cat(annotations["state"], sep=" ")
    return label.mask(annotations["part"] == PERSON, PERSON)


def pair_names(annotations: pd.DataFrame, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The classes: each pair that is annotated or whose mirror image is, and the person.

    The mirror images belong to it because half of the pictures are mirrored.
    """
    observed = {f"{part} {state}" for part, state in observed_pairs(annotations, vocabulary).pairs}
    closed = observed | {swap_side(name) for name in observed}
    every = (f"{part} {state}" for part in PARTS for state in vocabulary.states)
    return (*filter(closed.__contains__, every), PERSON)


def part_of(name: str) -> str:
    """The part, or the person, that a class is about."""
    return name.partition(" ")[0]


def train_onestage(
    annotations: pd.DataFrame,
    frames: pd.DataFrame,
    vocabulary: Vocabulary,
    *,
    cache: Path,
    settings: FrameTrainSettings,
    version: int,
    device: str,
    out: Path,
    init: Path | None = None,
) -> None:
    """Train the detector; write weights.pt, training.csv and model.json into `out`.

    A training that was killed goes on from its last whole epoch.

    Args:
        annotations: ANNOTATIONS of the training videos.
        frames: FRAMES of the training videos.
        vocabulary: with the states.
        cache: folder of the extracted frames.
        settings: how to train.
        version: of this code; what another version left half done is not used.
        device: "cpu" or "cuda:0".
        out: the model folder.
        init: folder of a detector whose weights training starts from.
    """
    names = pair_names(annotations, vocabulary)
    chosen = select_annotated(annotations, frames, settings.frame_stride)
    source = label_frames(chosen.assign(name=pair_labels(chosen)), names, cache)
    train_detector(
        source,
        names,
        settings,
        out,
        stage="onestage",
        version=version,
        pictures={"annotations": chosen, "frames": frames, "names": names},
        device=device,
        unknown=unknown_classes([part_of(name) for name in names]),
        init=init,
        trained_on={"videos": frames["video"].nunique(), "frames": len(source)},
        facts={"classes": names},
    )


def state_distributions(
    class_scores: NDArray[np.floating],
    parts: NDArray[np.int64],
    names: Sequence[str],
    states: Sequence[str],
) -> NDArray[np.floating]:
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


def predict_onestage(
    model: Path,
    frames: pd.DataFrame,
    vocabulary: Vocabulary,
    *,
    cache: Path,
    stride: int,
    settings: OneStagePredictSettings,
    version: int,
    device: str,
    persons_out: Path,
    parts_out: Path,
    states_out: Path,
) -> None:
    """Predict and write PERSONS, PARTS_TABLE and STATES of the scored frames 1, 1 + stride, …

    Args:
        model: folder of the detector.
        frames: FRAMES of the videos; one without frames gets no rows.
        vocabulary: with the states.
        cache: folder of the extracted frames.
        stride: every how many frames one is scored.
        settings: what to keep.
        version: of this code; what another version left half done is not used.
        device: "cpu" or "cuda:0".
        persons_out: file of the PERSONS.
        parts_out: file of the PARTS_TABLE.
        states_out: file of the STATES.
    """
    detector = Detector.load(model, device)
    groups = [GROUPS.index(part_of(name)) for name in detector.names]

    def detect_video(rows: pd.DataFrame) -> tuple[pd.DataFrame, ...]:
        keys = list(rows[["video", "frame"]].itertuples(index=False, name=None))
        found = []
        seen_in = detect_in_frames(detector, keys, groups, cache, settings)
        for (video, frame), seen in zip(keys, seen_in, strict=True):
            persons = _persons_of(video, frame, seen, settings)
            scores = persons["score"].to_numpy(float)
            owned = own_parts(persons[BOX].to_numpy(float), scores, seen, settings.containment)
            parts = tabulate_owned(persons, owned, seen)
            found.append((persons, parts, _states_of(parts, owned, seen)))
        return tuple(pd.concat(tables_, ignore_index=True) for tables_ in zip(*found, strict=True))

    def _states_of(parts: pd.DataFrame, owned: OwnedParts, seen: GroupDetections) -> pd.DataFrame:
        scores = seen.class_scores[owned.found]
        given = state_distributions(scores, owned.part, detector.names, vocabulary.states)
        return states_table(parts[KEY], given, vocabulary)

    write_tables_by_video(
        scored_frames(frames, stride),
        detect_video,
        [
            (persons_out, tables.PERSONS),
            (parts_out, tables.PARTS_TABLE),
            (states_out, tables.STATES),
        ],
        [
            tables.empty(tables.PERSONS),
            tables.empty(tables.PARTS_TABLE),
            tables.empty(tables.STATES, vocabulary.states),
        ],
        frames=frames,
        made_by={"version": version, "model": digest(model / WEIGHTS), "settings": settings},
        what="persons, parts and states of videos",
    )


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
