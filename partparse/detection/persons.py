"""The person detector: trained on annotated frames, predicted on scored ones."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.detection.frame_detection import (
    FramePictures,
    count_in_frames,
    frames_of,
    load_frame_detector,
    repeat_keys,
)
from partparse.detection.settings import PersonPredictSettings, PersonTrainSettings
from partparse.detection.yolo.detector import Detections
from partparse.detection.yolo.training import train_detector
from partparse.running.arguments import Job
from partparse.running.prediction import Predictor
from partparse.sampling import scored_rows
from partparse.vocabulary import PERSON


class PersonFrames(FramePictures):
    """Frames with annotated persons, as training pictures."""

    def __init__(self, annotations: pd.DataFrame, cache: Path) -> None:
        """Take the rows of ANNOTATIONS to train on; `cache` holds the extracted frames."""
        persons = annotations[annotations["part"] == PERSON]
        labels = persons.rename(columns={"part": "name"})
        super().__init__(frames_of(persons), labels, (PERSON,), cache)


def train_persons(
    annotations: pd.DataFrame,
    frames: pd.DataFrame,
    *,
    cache: Path,
    settings: PersonTrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train the person detector on ANNOTATIONS and FRAMES of the training videos.

    `cache` holds the extracted frames; all else is as in `train_detector`.
    """
    chosen = scored_rows(annotations, settings.frame_stride, frames)
    source = PersonFrames(chosen, cache)
    train_detector(
        source,
        source.names,
        settings,
        out,
        stage="persons",
        pictures={"annotations": chosen, "frames": frames},
        job=job,
        trained_on={"videos": frames["video"].nunique(), "frames": len(source)},
    )


def load_person_detector(
    model: Path,
    settings: PersonPredictSettings,
    *,
    cache: Path,
    device: str,
    mirrored: bool = False,
) -> Predictor:
    """What makes PERSONS of `scored` frames; its arguments are those of `load_frame_detector`.

    In mirrored frames there is other evidence of where the same persons are. Numbers are by
    falling score there as well, and say nothing about who is who in the table of the plain frames.
    """
    return load_frame_detector(
        model,
        tabulate_persons,
        tables.PERSONS,
        settings,
        cache=cache,
        device=device,
        mirrored=mirrored,
    )


def tabulate_persons(
    keys: pd.DataFrame, detections: Sequence[Detections], names: Sequence[str]
) -> pd.DataFrame:
    """PERSONS from frames (rows of video, frame) and what was found in each."""
    del names  # all are persons
    return repeat_keys(keys, detections).assign(person=count_in_frames(detections), track=-1)
