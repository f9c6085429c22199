"""Training of the one-stage detector: its classes, pairs of a part and a state."""

from pathlib import Path

import pandas as pd

from partparse.detection.frame_parts import label_frames
from partparse.detection.settings import FrameTrainSettings
from partparse.detection.unlabelled_parts import unknown_classes
from partparse.detection.yolo.training import train_detector
from partparse.running.arguments import Job, Pictures
from partparse.sampling import scored_rows
from partparse.states.onestage.prediction import part_of
from partparse.states.pairs import observed_pairs
from partparse.vocabulary import PARTS, PERSON, Vocabulary, swap_side


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


def train_onestage(
    annotations: pd.DataFrame,
    frames: Pictures,
    vocabulary: Vocabulary,
    settings: FrameTrainSettings,
    *,
    job: Job,
    out: Path,
    init: Path | None = None,
) -> None:
    """Train the detector on ANNOTATIONS of the training videos; all else as in `train_detector`."""
    names = pair_names(annotations, vocabulary)
    chosen = scored_rows(annotations, settings.frame_stride, frames.table)
    source = label_frames(chosen.assign(name=pair_labels(chosen)), names, frames.cache)
    train_detector(
        source,
        names,
        settings,
        out,
        stage="onestage",
        pictures={"annotations": chosen, "frames": frames.table, "names": names},
        job=job,
        unknown=unknown_classes([part_of(name) for name in names]),
        init=init,
        trained_on={"videos": frames.table["video"].nunique(), "frames": len(source)},
        facts={"classes": names},
    )
