"""Persons and parts by ultralytics' own `predict`, one file and one crop at a time."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from ultralytics import YOLO
from ultralytics.nn.tasks import DetectionModel

from partparse.detection.settings import PersonPredictSettings


def wrap(model: DetectionModel) -> YOLO:
    """A network behind ultralytics' own interface."""
    wrapped = YOLO("yolo11n.yaml")
    model.args = {}
    wrapped.model = model.eval()
    return wrapped


def find_persons(
    model: YOLO, files: Sequence[Path], size: int, settings: PersonPredictSettings, device: str
) -> list[NDArray[np.floating]]:
    """Boxes (N, 4), as edges of pixels, in each picture."""
    found = []
    for file in files:
        (result,) = model.predict(
            str(file),
            imgsz=size,
            conf=settings.score,
            iou=settings.iou,
            max_det=settings.most,
            device=device,
            verbose=False,
        )
        found.append(result.boxes.xyxy.cpu().numpy())
    return found


def find_parts(
    model: YOLO,
    files: Sequence[Path],
    persons: NDArray[np.integer],
    *,
    size: int,
    parts: int,
    device: str,
) -> list[NDArray[np.floating]]:
    """Boxes (N, 4), as edges of pixels of the crop, for the same persons in each picture.

    `persons`: (P, 4) inclusive pixels.
    """
    found = []
    for file in files:
        picture = cv2.imread(str(file))
        for x1, y1, x2, y2 in persons:
            crop = np.ascontiguousarray(picture[y1 : y2 + 1, x1 : x2 + 1])
            (result,) = model.predict(
                crop, imgsz=size, conf=0.001, max_det=parts, device=device, verbose=False
            )
            found.append(result.boxes.xyxy.cpu().numpy())
    return found
