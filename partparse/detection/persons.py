"""The person detector: trained on annotated frames, predicted on scored ones."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.detection.frame_detection import (
    FramePictures,
    frames_of,
    load_frame_detector,
    repeat_keys,
)
from partparse.detection.settings import PersonPredictSettings, PersonTrainSettings
from partparse.detection.yolo.detector import Detections
from partparse.detection.yolo.training import train_detector
from partparse.running.arguments import Job, Pictures
from partparse.running.prediction import Predictor
from partparse.sampling import scored_rows
from partparse.vocabulary import PERSON


def label_persons(annotations: pd.DataFrame, cache: Path) -> FramePictures:
    """Frames with the persons of ANNOTATIONS, as training pictures; `cache` holds the frames."""
    persons = annotations[annotations["part"] == PERSON]
    labels = persons.rename(columns={"part": "name"})
    return FramePictures(frames_of(persons), labels, (PERSON,), cache)


def train_persons(
    annotations: pd.DataFrame,
    frames: Pictures,
    *,
    settings: PersonTrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train the person detector on ANNOTATIONS and frames of the training videos.

    All else is as in `train_detector`.
    """
    chosen = scored_rows(annotations, settings.frame_stride, frames.table)
    source = label_persons(chosen, frames.cache)
    train_detector(
        source,
        source.names,
        settings,
        out,
        stage="persons",
        pictures={"annotations": chosen, "frames": frames.table},
        job=job,
        trained_on={"videos": frames.table["video"].nunique(), "frames": len(source)},
    )


def load_person_detector(
    model: Path,
    settings: PersonPredictSettings,
    frames: Pictures,
    job: Job,
    *,
    mirrored: bool = False,
) -> Predictor:
    """What makes PERSONS of `scored` frames; its arguments are those of `load_frame_detector`.

    In mirrored frames there is other evidence of where the same persons are. Numbers are by
    falling score there as well, and say nothing about who is who in the table of the plain frames.
    """
    return load_frame_detector(
        model, tabulate_persons, tables.PERSONS, settings, frames, job=job, mirrored=mirrored
    )


def tabulate_persons(
    keys: pd.DataFrame, detections: Sequence[Detections], names: Sequence[str]
) -> pd.DataFrame:
    """PERSONS from frames (rows of video, frame) and what was found in each."""
    del names  # all are persons
    return repeat_keys(keys, detections, "person").assign(track=-1)
