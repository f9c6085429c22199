"""COCO's average precision, by pycocotools, from rows in memory."""

import contextlib
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = list[dict[str, Any]]


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
