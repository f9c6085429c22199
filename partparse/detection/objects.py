"""The object detector: the official baseline looks at the things that persons handle.

A detector of the objects that occur in the training annotations. Frames that are annotated
without any object teach it what is none. Where a data set has no objects nothing is trained, the
model folder holds a card without names, and nothing is ever found.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from partparse import tables
from partparse.detection.frame_detection import (
    FramePictures,
    frames_of,
    load_frame_detector,
    repeat_keys,
)
from partparse.detection.settings import ObjectPredictSettings, ObjectTrainSettings
from partparse.detection.yolo.detector import Detections
from partparse.detection.yolo.training import train_detector, write_card
from partparse.files.atomic import atomic_folder, read_json
from partparse.files.weights import CARD
from partparse.running.arguments import Job, Pictures
from partparse.running.prediction import Output, Predictor
from partparse.sampling import scored_rows
from partparse.vocabulary import swap_side


def object_names(objects: pd.DataFrame) -> list[str]:
    """The names in an OBJECTS table and, for mirrored pictures, the other sides of those."""
    observed = set(objects["name"])
    return sorted(observed | {swap_side(name) for name in observed})


def train_objects(
    annotations: pd.DataFrame,
    objects: pd.DataFrame,
    frames: Pictures,
    *,
    settings: ObjectTrainSettings,
    job: Job,
    out: Path,
    init: Path | None = None,
) -> None:
    """Train the object detector; without an object to train on only model.json is written.

    ANNOTATIONS say which frames are annotated, OBJECTS what is on them; all else is as in
    `train_detector`.
    """
    videos = frames.table
    labels = scored_rows(objects, settings.frame_stride, videos)
    keys = frames_of(scored_rows(annotations, settings.frame_stride, videos), labels)
    names = object_names(labels)
    trained_on = {"videos": videos["video"].nunique(), "frames": len(keys), "objects": len(labels)}
    if not names:
        with atomic_folder(out) as folder:
            write_card(folder, "objects", settings, trained_on, {"names": names})
        return
    train_detector(
        FramePictures(keys, labels, names, frames.cache),
        names,
        settings,
        out,
        stage="objects",
        pictures={"keys": keys, "objects": labels, "frames": videos},
        job=job,
        init=init,
        trained_on=trained_on,
        facts={"names": names},
    )


def load_object_detector(
    model: Path, settings: ObjectPredictSettings, frames: Pictures, job: Job
) -> Predictor:
    """What makes DETECTED_OBJECTS of `scored` frames; its arguments as in `load_frame_detector`.

    A model that had no object to learn finds none.
    """
    schema = tables.DETECTED_OBJECTS
    if not read_json(model / CARD)["names"]:
        return Predictor(lambda _: [tables.empty(schema)], [Output(schema)], [], {}, at_once=None)
    return load_frame_detector(model, tabulate_objects, schema, settings, frames, job=job)


def tabulate_objects(
    keys: pd.DataFrame, detections: Sequence[Detections], names: Sequence[str]
) -> pd.DataFrame:
    """DETECTED_OBJECTS from frames (rows of video, frame) and what was found in each."""
    classes = np.concatenate([found.classes for found in detections])
    found = repeat_keys(keys, detections, "object")
    return found.assign(name=np.asarray(names, object)[classes])
