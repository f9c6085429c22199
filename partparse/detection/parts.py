"""The part detector: ten classes on a person's crop, with or without the keypoints as dots.

Section 1.2 of the second place's report of the Kinetics-TPS challenge 2021.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from partparse import tables
from partparse.augment import View
from partparse.boxes import Floats, mirror
from partparse.detection.crops import Crop
from partparse.detection.part_pictures import PartCrops, cut_persons, draw_person, pack_keypoints_of
from partparse.detection.settings import PartPictureSettings, PartPredictSettings, PartTrainSettings
from partparse.detection.unlabelled_parts import unknown_classes
from partparse.detection.yolo.detector import Detector
from partparse.detection.yolo.training import train_detector
from partparse.errors import InputError
from partparse.running.arguments import Job, Pictures
from partparse.running.prediction import Output, Predictor, Rows
from partparse.sampling import scored_rows
from partparse.tables import BOX, PERSON_KEY
from partparse.vocabulary import PARTS, swap_order


def train_parts(
    annotations: pd.DataFrame,
    frames: Pictures,
    keypoints: pd.DataFrame | None,
    *,
    settings: PartTrainSettings,
    job: Job,
    out: Path,
    init: Path | None = None,
) -> None:
    """Train a part detector on crops of the training videos' persons.

    `keypoints` is the KEYPOINT_TABLE of the persons of ANNOTATIONS; None: a detector without dots.
    All else is as in `train_detector`.
    """
    chosen = scored_rows(annotations, settings.frame_stride, frames.table)
    pictures = settings.pictures(dots=keypoints is not None)
    source = PartCrops(
        chosen,
        keypoints,
        frames.cache,
        pictures,
        noise=settings.dot_noise,
        hide=settings.dot_hide,
    )
    train_detector(
        source,
        PARTS,
        settings,
        out,
        stage="parts",
        pictures={"annotations": chosen, "frames": frames.table, "keypoints": keypoints},
        job=job,
        unknown=unknown_classes(PARTS),
        init=init,
        trained_on={"videos": frames.table["video"].nunique(), "persons": len(source)},
        facts={"pictures": pictures.model_dump()},
    )


def load_part_detector(
    model: Path,
    settings: PartPredictSettings,
    frames: Pictures,
    job: Job,
    *,
    dots: bool,
    mirrored: bool = False,
) -> Predictor:
    """What makes the PARTS_TABLE of `persons` and their `keypoints`: the best box of each part.

    `dots` says whether there are keypoints; all else is as in `load_frame_detector`. Mirrored
    persons, dots included, are other evidence of where the same parts are: the boxes are mapped
    back to the frames, and a left hand is the person's.

    Raises InputError where keypoints are missing for a detector that was trained with dots.
    """
    pictures = PartPictureSettings.read(model)
    if pictures.dots and not dots:
        raise InputError(f"{model}: this detector was trained with dots; expected keypoints")
    detector = Detector.load(model, job.device)

    def detect(rows: Rows) -> list[pd.DataFrame]:
        persons = rows["persons"].sort_values(PERSON_KEY, ignore_index=True)
        points = pack_keypoints_of(persons, rows["keypoints"] if pictures.dots else None)
        found = []
        for start in range(0, len(persons), settings.batch):
            batch = slice(start, start + settings.batch)
            crops = cut_persons(persons.iloc[batch], frames.cache, pictures)
            placed, scores = find_parts(
                detector, crops, points[batch], pictures, View(mirrored=mirrored)
            )
            found.append(tabulate_parts(persons.iloc[batch], placed, scores))
        return [pd.concat(found, ignore_index=True)]

    made_by = {"settings": settings, "mirrored": mirrored}
    return Predictor(detect, [Output(tables.PARTS_TABLE)], [model], made_by)


def find_parts(
    detector: Detector,
    crops: Sequence[Crop],
    keypoints: Floats,
    pictures: PartPictureSettings,
    view: View,
) -> tuple[Floats, Floats]:
    """The parts of N persons, N >= 1, whose crops the detector sees as `view` has them.

    Args:
        detector: of the ten parts.
        crops: of the persons.
        keypoints: (N, 17, 3) of x, y in pixels of the frame, and score.
        pictures: how the detector's pictures are made.
        view: the same for all.

    Returns:
        Boxes (N, 10, 4) in pixels of the frame and scores (N, 10), in the order of PARTS; sides
        are those of the persons in the frame.
    """
    best, scores = detector.best(
        [
            draw_person(crop, points, view, pictures)
            for crop, points in zip(crops, keypoints, strict=True)
        ]
    )
    if view.mirrored:
        order = swap_order(PARTS)
        scores = scores[:, order]
        best = np.stack(
            [
                mirror(box[order], crop.picture.shape[1])
                for crop, box in zip(crops, best, strict=True)
            ]
        )
    placed = [crop.boxes_to_frame(box) for crop, box in zip(crops, best, strict=True)]
    return np.stack(placed), scores


def tabulate_parts(persons: pd.DataFrame, boxes: Floats, scores: Floats) -> pd.DataFrame:
    """PARTS_TABLE from N persons (rows with PERSON_KEY), boxes (N, 10, 4) and scores (N, 10)."""
    table = persons[PERSON_KEY].loc[persons.index.repeat(len(PARTS))].reset_index(drop=True)
    return table.assign(
        part=np.tile(PARTS, len(persons)),
        **dict(zip(BOX, boxes.reshape(-1, 4).T, strict=True)),
        score=scores.reshape(-1),
    )
