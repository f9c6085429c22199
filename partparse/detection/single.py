"""The part detector of one stage: persons and parts in whole frames, then whose part is whose.

Section 3.1 of the winner's report of the Kinetics-TPS challenge 2022 has it as the alternative to
a part detector on crops of persons: one detector of eleven classes, and parts go to persons by
overlap. It stands in for the detector on crops: the persons are those of a PERSONS table.
"""

from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.detection.frame_parts import (
    GROUPS,
    detect_in_frames,
    label_frames,
    own_parts,
    tabulate_owned,
)
from partparse.detection.settings import FramePartSettings, FrameTrainSettings
from partparse.detection.unlabelled_parts import unknown_classes
from partparse.detection.yolo.detector import Detector
from partparse.detection.yolo.training import train_detector
from partparse.running.arguments import Job, Pictures
from partparse.running.prediction import Output, Predictor, Rows
from partparse.sampling import scored_rows
from partparse.tables import BOX, FRAME_KEY


def train_single(
    annotations: pd.DataFrame,
    frames: Pictures,
    *,
    settings: FrameTrainSettings,
    job: Job,
    out: Path,
    init: Path | None = None,
) -> None:
    """Train the detector on ANNOTATIONS and frames of the training videos.

    All else is as in `train_detector`.
    """
    chosen = scored_rows(annotations, settings.frame_stride, frames.table)
    source = label_frames(chosen.assign(name=chosen["part"]), GROUPS, frames.cache)
    train_detector(
        source,
        GROUPS,
        settings,
        out,
        stage="parts",
        pictures={"annotations": chosen, "frames": frames.table},
        job=job,
        unknown=unknown_classes(GROUPS),
        init=init,
        trained_on={"videos": frames.table["video"].nunique(), "frames": len(source)},
    )


def load_single_detector(
    model: Path, settings: FramePartSettings, frames: Pictures, job: Job
) -> Predictor:
    """What makes the PARTS_TABLE of `persons` from the frames that they are in.

    Its arguments are those of `load_frame_detector`.
    """
    detector = Detector.load(model, job.device)
    groups = [GROUPS.index(name) for name in detector.names]

    def detect(rows: Rows) -> list[pd.DataFrame]:
        in_frames = dict(iter(rows["persons"].groupby(FRAME_KEY, sort=True)))
        seen_in = detect_in_frames(detector, list(in_frames), groups, frames.cache, settings)
        found = []
        for persons, seen in zip(in_frames.values(), seen_in, strict=True):
            scores = persons["score"].to_numpy(float)
            owned = own_parts(persons[BOX].to_numpy(float), scores, seen, settings.containment)
            found.append(tabulate_owned(persons, owned, seen))
        return [pd.concat(found, ignore_index=True)]

    return Predictor(detect, [Output(tables.PARTS_TABLE)], [model], {"settings": settings})
