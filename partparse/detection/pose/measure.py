"""How good keypoints are: PCK and OKS-AP against annotated persons.

PCK (Yang & Ramanan, PAMI 2013) counts the keypoints within a tenth of the larger side of the
annotated person's box. AP over OKS is COCO's, computed by pycocotools. Both look at persons that
were found: a detected person stands for the annotated one that the metric's assignment gives it,
where their IoU is above .5; how many annotated persons have one is the third figure.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse import boxes, tables
from partparse.boxes import Floats
from partparse.detection.measure import ALL, coco_precision, table_of
from partparse.detection.pose.network import MIN_LABEL_SCORE
from partparse.metric.matching import assign
from partparse.sampling import scored_rows
from partparse.tables import FRAME_KEY, PERSON_KEY
from partparse.vocabulary import KEYPOINTS, PERSON

Mask = NDArray[np.bool_]

TOLERANCE = 0.1  # PCK's distance, as a share of the larger side of the person's box

_MIN_IOU = 0.5
_AREA = 0.53  # a person's share of its box, where COCO's segments are not known (mmpose's figure)


def measure_pose(
    truth: pd.DataFrame,
    annotations: pd.DataFrame,
    persons: pd.DataFrame,
    keypoints: pd.DataFrame,
    stride: int,
) -> pd.DataFrame:
    """PCK@.1 of each keypoint and of all, OKS-AP and AP50, and the share of persons found.

    Args:
        truth: KEYPOINT_TABLE of annotated persons.
        annotations: ANNOTATIONS of the same videos.
        persons: PERSONS, as they were before they grew.
        keypoints: KEYPOINT_TABLE of `persons`.
        stride: frames 1, 1 + stride, … are looked at.

    Returns:
        Rows of stage ("pose"), variant (""), part (a keypoint's name or "all"), measure
        ("PCK@0.1", "AP", "AP50", "found"), value in [0, 1], and count (of keypoints, else of
        persons) that it is a mean over. No rows where no annotated person has keypoints; only
        "found" where none of them was detected.
    """
    known = _pairs(truth, annotations, persons, keypoints, stride)
    if known.empty:
        return table_of([], "pose", "")
    found = known[known["found"]]
    rows = [(ALL, "found", len(found) / len(known), len(known))]
    if len(found):
        true, predicted = _side(found, "true"), _side(found, "predicted")
        true_boxes = found[tables.BOX].to_numpy(float)
        rows += _pck_rows(true, predicted, true_boxes)
        scores = found["score"].to_numpy(float) * predicted[..., 2].mean(axis=1)
        frames = found.groupby(FRAME_KEY).ngroup().to_numpy()
        ap, ap50 = oks_ap(true, true_boxes, predicted, scores, frames)
        rows += [(ALL, "AP", ap, len(found)), (ALL, "AP50", ap50, len(found))]
    return table_of(rows, "pose", "")


def pck_hits(true: Floats, predicted: Floats, true_boxes: Floats) -> Mask:
    """(N, 17): whether a keypoint is within TOLERANCE of its true place.

    true and predicted are (N, 17, 2 or more) pixels, true_boxes (N, 4).
    """
    side = boxes.width_height(true_boxes).max(axis=1, keepdims=True)
    distance = np.linalg.norm(true[..., :2] - predicted[..., :2], axis=-1)
    return np.asarray(distance <= TOLERANCE * side)


def oks_ap(
    true: Floats, true_boxes: Floats, predicted: Floats, scores: Floats, frames: NDArray[np.integer]
) -> tuple[float, float]:
    """COCO's AP over OKS .50:.05:.95 and AP at .50 of persons that stand row by row together.

    Args:
        true: (N, 17, 3) as x, y, score; a score below MIN_LABEL_SCORE: not labelled.
        true_boxes: (N, 4).
        predicted: (N, 17, 3).
        scores: (N,) that the predicted persons are sorted by.
        frames: (N,) numbers; rows with the same number are in the same picture.
    """
    labelled = true[..., 2] >= MIN_LABEL_SCORE
    marked = np.where(labelled[..., None], np.dstack([true[..., :2], 2 * labelled]), 0)
    annotations = [
        _coco_person(number, frame, points, box)
        | {"num_keypoints": int((points[:, 2] > 0).sum()), "iscrowd": 0, "ignore": 0}
        for number, (frame, points, box) in enumerate(
            zip(frames, marked, true_boxes, strict=True), start=1
        )
    ]
    results = [
        _coco_person(number, frame, points, box) | {"score": float(score)}
        for number, (frame, points, box, score) in enumerate(
            zip(frames, predicted, true_boxes, scores, strict=True), start=1
        )
    ]
    precision = coco_precision(annotations, results, frames, [PERSON], "keypoints")
    return float(precision.mean()), float(precision[0].mean())


def _pairs(
    truth: pd.DataFrame,
    annotations: pd.DataFrame,
    persons: pd.DataFrame,
    keypoints: pd.DataFrame,
    stride: int,
) -> pd.DataFrame:
    """A row for each annotated person with keypoints: its box, points, and its partner's."""
    humans = scored_rows(annotations[annotations["part"] == PERSON], stride)
    humans = humans.sort_values(PERSON_KEY, ignore_index=True)
    frames = humans[FRAME_KEY].drop_duplicates().reset_index(names="order")
    frames["order"] = np.arange(len(frames))
    detected = persons.merge(frames, on=FRAME_KEY).sort_values(
        ["order", "person"], ignore_index=True
    )
    partner, iou = assign(
        humans.merge(frames, on=FRAME_KEY)["order"].to_numpy(),
        humans[tables.BOX].to_numpy(),
        detected["order"].to_numpy(),
        detected[tables.BOX].to_numpy(),
    )
    humans["found"] = iou > _MIN_IOU
    partners = detected.reindex(np.where(humans["found"], partner, -1))
    humans["partner"] = partners["person"].to_numpy()
    humans["score"] = partners["score"].to_numpy()
    labelled = tables.pack_keypoints(truth)[..., 2] >= MIN_LABEL_SCORE
    known = humans.merge(_suffixed(truth[labelled.any(axis=1)], "true"), on=PERSON_KEY)
    right = _suffixed(keypoints, "predicted").rename(columns={"person": "partner"})
    return known.merge(right, on=[*FRAME_KEY, "partner"], how="left")


def _suffixed(table: pd.DataFrame, side: str) -> pd.DataFrame:
    return table.rename(columns={column: f"{side}_{column}" for column in tables.KEYPOINT_COLUMNS})


def _side(pairs: pd.DataFrame, side: str) -> Floats:
    columns = [f"{side}_{column}" for column in tables.KEYPOINT_COLUMNS]
    return pairs[columns].to_numpy(float).reshape(len(pairs), len(KEYPOINTS), 3)


def _pck_rows(
    true: Floats, predicted: Floats, true_boxes: Floats
) -> list[tuple[str, str, float, int]]:
    labelled = true[..., 2] >= MIN_LABEL_SCORE
    hits = pck_hits(true, predicted, true_boxes) & labelled
    measure = f"PCK@{TOLERANCE}"
    rows = [(ALL, measure, float(hits.sum() / labelled.sum()), int(labelled.sum()))]
    for name, hit, count in zip(KEYPOINTS, hits.sum(axis=0), labelled.sum(axis=0), strict=True):
        if count:
            rows.append((name, measure, float(hit / count), int(count)))
    return rows


def _coco_person(number: int, frame: int, points: Floats, box: Floats) -> dict[str, Any]:
    return {
        "id": number,
        "image_id": int(frame),
        "category_id": 0,
        "keypoints": points.ravel().tolist(),
        "bbox": [*box[:2].tolist(), *(box[2:] - box[:2] + 1).tolist()],
        "area": float(boxes.area(box) * _AREA),
    }
