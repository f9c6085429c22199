"""The person detector: trained on annotated frames, predicted on scored ones."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.detection.frame_detection import (
    FramePictures,
    count_in_frames,
    detect_on_frames,
    frames_of,
    repeat_keys,
)
from partparse.detection.settings import PersonPredictSettings, PersonTrainSettings
from partparse.detection.yolo.detector import Detections
from partparse.detection.yolo.training import train_detector
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
    version: int,
    device: str,
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
        version=version,
        pictures={"annotations": chosen, "frames": frames},
        device=device,
        trained_on={"videos": frames["video"].nunique(), "frames": len(source)},
    )


def detect_persons(
    model: Path,
    frames: pd.DataFrame,
    *,
    cache: Path,
    stride: int,
    settings: PersonPredictSettings,
    version: int,
    device: str,
    out: Path,
    mirrored: bool = False,
) -> None:
    """Predict and write the PERSONS table of the scored frames 1, 1 + stride, …

    Args:
        model: folder of the detector.
        frames: FRAMES of the videos; one without frames gets no rows.
        cache: folder of the extracted frames.
        stride: every how many frames one is scored.
        settings: what to keep.
        version: of this code; what another version left half done is not used.
        device: "cpu" or "cuda:0".
        out: the table's file.
        mirrored: look at the frames mirrored: other evidence of where the same persons are. The
            boxes are mapped back to the frames; numbers are by falling score here as well, and say
            nothing about who is who in the table of the plain frames.
    """
    detect_on_frames(
        model,
        frames,
        tabulate_persons,
        tables.PERSONS,
        cache=cache,
        stride=stride,
        settings=settings,
        version=version,
        device=device,
        out=out,
        mirrored=mirrored,
    )


def tabulate_persons(
    keys: pd.DataFrame, detections: Sequence[Detections], names: Sequence[str]
) -> pd.DataFrame:
    """PERSONS from frames (rows of video, frame) and what was found in each."""
    del names  # all are persons
    return repeat_keys(keys, detections).assign(person=count_in_frames(detections), track=-1)
