"""How good detected persons and parts are: AP over IoU and recall on the annotated, scored frames.

AP is COCO's (101 points, pycocotools). Persons are looked for in frames. Parts are looked for in
persons: a detected person stands for the annotated one that the metric's assignment gives it,
where their IoU is above .5, and its parts are those of the annotated person. A part that is not
annotated counts neither way, since annotators leave visible parts out (as in LVIS, Gupta et al.,
CVPR 2019, for categories that were not checked in a picture); an annotated part of a person that
was not found is missed. Recall of parts asks for the metric's IoU of .3.
"""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse import boxes
from partparse.boxes import Integers
from partparse.metric.psc import PART_IOU, PERSON_IOU
from partparse.metric.rows import match_persons
from partparse.sampling import scored_rows
from partparse.tables import BOX, FRAME_KEY, PART_KEY, PERSON_KEY
from partparse.vocabulary import PARTS, PERSON

COLUMNS: tuple[str, ...] = ("stage", "variant", "part", "measure", "value", "count")
CURVE_COLUMNS: tuple[str, ...] = ("stage", "variant", "part", "recall", "precision")
ALL = "all"
"""What stands for all parts in the column `part`: the mean AP, the recall over all boxes."""

_RECALLS = np.linspace(0, 1, 101)  # at which COCO looks at the precision


Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Measured:
    """What detections of one kind are worth."""

    table: pd.DataFrame
    """COLUMNS: stage, variant, part, measure, value in [0, 1] and count (of annotated boxes); no
    rows where no box is annotated."""
    curves: pd.DataFrame
    """CURVE_COLUMNS: the precision at IoU .5, interpolated at COCO's 101 recalls, of each part
    that is annotated; its mean over a part's rows is AP50."""


def table_of(rows: Sequence[tuple[str, str, float, int]], stage: str, variant: str) -> pd.DataFrame:
    """A table of COLUMNS from rows of part, measure, value, count; there may be none."""
    table = pd.DataFrame(rows, columns=["part", "measure", "value", "count"])
    table = table.astype({"part": str, "measure": str, "value": float, "count": int})
    return table.assign(stage=stage, variant=variant)[list(COLUMNS)]


def measure_persons(
    annotations: pd.DataFrame, persons: pd.DataFrame, stride: int, variant: str
) -> Measured:
    """AP50, AP, recall@0.5 and the curve of detected persons.

    Args:
        annotations: ANNOTATIONS of the videos.
        persons: PERSONS of the same videos; frames without annotation do not count.
        stride: frames 1, 1 + stride, … are looked at.
        variant: which of their boxes these are, as detected or as used.

    Returns:
        Stage "persons", part "person".
    """
    true = scored_rows(annotations, stride)
    true = true[true["part"] == PERSON]
    if true.empty:
        return _nothing("persons", variant)
    found = _match(true, persons)["iou"] > PERSON_IOU
    true = true.assign(image=_keys(true, FRAME_KEY))
    frames = true[[*FRAME_KEY, "image"]].drop_duplicates()
    on_them = persons.merge(frames, on=FRAME_KEY).assign(part=PERSON)
    precision = box_precision(true, on_them, [PERSON])
    values = {"AP50": precision[0].mean(), "AP": precision.mean(), "recall@0.5": found.mean()}
    rows = [(PERSON, measure, float(value), len(true)) for measure, value in values.items()]
    return Measured(
        table_of(rows, "persons", variant), _curves(precision, [PERSON], "persons", variant)
    )


def measure_parts(
    annotations: pd.DataFrame, persons: pd.DataFrame, parts: pd.DataFrame, stride: int, variant: str
) -> Measured:
    """AP50, recall@0.3 and the curve of each part, the first two of all together as well.

    The PARTS_TABLE was detected on `persons` by the part detector `variant`; all else is as in
    `measure_persons`, but for the stage, "parts".
    """
    true, found, hit = _find_parts(annotations, persons, parts, stride)
    if true.empty:
        return _nothing("parts", variant)
    image = _keys(true, PERSON_KEY)
    detected = found["score"].notna()
    precision = box_precision(true.assign(image=image), found.assign(image=image)[detected], PARTS)
    ap50 = precision[0].mean(axis=0)
    rows = [(ALL, "AP50", float(np.nanmean(ap50)), len(true))]
    rows += [(ALL, "recall@0.3", float(hit.mean()), len(true))]
    for part, ap in zip(PARTS, ap50, strict=True):
        own = hit[(true["part"] == part).to_numpy()]
        if len(own):
            rows += [(part, "AP50", ap, len(own)), (part, "recall@0.3", own.mean(), len(own))]
    return Measured(table_of(rows, "parts", variant), _curves(precision, PARTS, "parts", variant))


def part_hits(
    annotations: pd.DataFrame, persons: pd.DataFrame, parts: pd.DataFrame, stride: int
) -> pd.DataFrame:
    """Columns video and hit: whether each annotated part of the scored frames is hit.

    All is as in `measure_parts`, whose recall of all parts is the mean.
    """
    true, _, hit = _find_parts(annotations, persons, parts, stride)
    return true[["video"]].assign(hit=hit)


def _find_parts(
    annotations: pd.DataFrame, persons: pd.DataFrame, parts: pd.DataFrame, stride: int
) -> tuple[pd.DataFrame, pd.DataFrame, NDArray[np.bool_]]:
    """The annotated parts, what was detected of each (NaN: nothing), and whether that hits."""
    true = scored_rows(annotations, stride)
    pairs = _match(true, persons)
    true = true[true["part"] != PERSON].reset_index(drop=True)
    pairs = pairs[pairs["iou"] > PERSON_IOU]
    partners = true[PART_KEY].merge(pairs, on=PERSON_KEY, how="left")
    found = partners.drop(columns="person").merge(
        parts.rename(columns={"person": "partner"}), on=[*FRAME_KEY, "partner", "part"], how="left"
    )
    overlap = np.nan_to_num(boxes.paired_iou(true[BOX], found[BOX]))
    return true, found, overlap >= PART_IOU


def box_precision(
    true: pd.DataFrame, detected: pd.DataFrame, names: Sequence[str]
) -> NDArray[np.float64]:
    """COCO's precision at IoU .50:.05:.95 and 101 recalls, (10, 101, names).

    Its mean is AP, that of the first IoU AP50; NaN for a name without a true box.

    Args:
        true: columns image (a number), part (of `names`) and the box.
        detected: the same and score.
        names: what is asked for.
    """
    precisions = []
    for name in names:  # one by one: what COCO makes of a box takes a kilobyte
        own, found = (_coco_rows(table[table["part"] == name]) for table in (true, detected))
        precisions.append(coco_precision(own, found, true["image"].to_numpy(), [name], "bbox"))
    return np.concatenate(precisions, axis=-1)


def _curves(
    precision: NDArray[np.float64], names: Sequence[str], stage: str, variant: str
) -> pd.DataFrame:
    curves = pd.DataFrame(
        {
            "stage": stage,
            "variant": variant,
            "part": np.repeat(list(names), len(_RECALLS)),
            "recall": np.tile(_RECALLS, len(names)),
            "precision": precision[0].T.ravel(),
        }
    )
    return curves.dropna(subset="precision")


def _nothing(stage: str, variant: str) -> Measured:
    return Measured(table_of([], stage, variant), pd.DataFrame(columns=list(CURVE_COLUMNS)))


def _coco_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    corners = table[BOX].to_numpy(float)
    sides = boxes.width_height(corners)
    scores = table["score"] if "score" in table else np.ones(len(table))
    columns = zip(table["image"], corners[:, :2], sides, boxes.area(corners), scores, strict=True)
    return [
        {
            "id": number,
            "image_id": int(image),
            "category_id": 0,
            "bbox": [*corner.tolist(), *side.tolist()],
            "area": float(area),
            "score": float(score),
            "iscrowd": 0,
        }
        for number, (image, corner, side, area, score) in enumerate(columns, start=1)
    ]


def _match(true: pd.DataFrame, persons: pd.DataFrame) -> pd.DataFrame:
    """Columns video, frame, person (annotated), partner (detected), iou."""
    detected = persons.assign(part=PERSON, state=None)
    return match_persons(true, detected, true["video"].unique())


def _keys(rows: pd.DataFrame, columns: list[str]) -> Integers:
    """A number for each row, the same where the columns are the same."""
    return rows.groupby(columns, sort=True).ngroup().to_numpy(np.int64)


def coco_precision(
    true: Rows, detected: Rows, images: NDArray[np.integer], names: list[str], kind: str
) -> NDArray[np.float64]:
    """Precision at COCO's thresholds .50:.05:.95 and 101 recalls, (10, 101, names).

    All sizes, and at most as many detections a picture as COCO counts (100 boxes, 20 keypoint
    sets). NaN for a name that nothing true has.

    Args:
        true: annotations as in COCO's files; category_id is an index into `names`.
        detected: results as in COCO's files, with ids and areas.
        images: numbers of the pictures.
        names: of the categories.
        kind: "bbox" or "keypoints".
    """
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    categories = [{"id": number, "name": name} for number, name in enumerate(names)]
    pictures = [{"id": int(image)} for image in np.unique(images)]
    with contextlib.redirect_stdout(io.StringIO()):
        holders = []
        for rows in (true, detected):
            holder = COCO()
            holder.dataset = {"images": pictures, "annotations": rows, "categories": categories}
            holder.createIndex()
            holders.append(holder)
        evaluation = COCOeval(*holders, iouType=kind)
        asked = evaluation.params  # of the sizes and numbers it would look at, one alone
        asked.areaRng, asked.areaRngLbl = asked.areaRng[:1], asked.areaRngLbl[:1]
        asked.maxDets = asked.maxDets[-1:]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"][..., 0, -1]
    return np.where(precision < 0, np.nan, precision)
