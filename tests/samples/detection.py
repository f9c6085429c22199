"""Two videos of a person with a head and a left hand, and settings to train on them."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from partparse import tables
from partparse.frames.picture_cache import picture_path
from partparse.tables import BOX

FRAMES = 11
STRIDE = 5
TRAINING: dict[str, Any] = {
    "network": "yolov5n.yaml",
    "weights": None,
    "weights_sha256": None,
    "image_size": 64,
    "epochs": 2,
    "batch": 8,
    "device_batch": None,
    "optimizer": "AdamW",
    "learning_rate": 0.002,
    "momentum": 0.937,
    "weight_decay": 0.0005,
    "schedule": "linear",
    "last_rate": 0.01,
    "warm_up": 1,
    "drops": (),
    "mosaic": 0.0,
    "mosaic_off_epochs": 0,
    "mixup": 0.0,
    "scale": (0.9, 1.1),
    "shift": 0.1,
    "rotate": 0,
    "shear": 0,
    "perspective": 0.0,
    "mirror": 0.5,
    "colour": 1.0,
    "workers": 0,
    "seed": 0,
    "frame_stride": 1,
}


def write_frames(folder: Path) -> Path:
    """Two videos of a bright person with a head and a left hand, in front of noise."""
    for number, video in enumerate(["a", "b"]):
        rng = np.random.default_rng(number)
        (folder / video).mkdir()
        for frame in range(1, FRAMES + 1):
            picture = rng.integers(0, 60, (60, 80, 3), np.uint8)
            x = 10 + 3 * frame
            picture[10:50, x : x + 20] = 200, 80, 80
            picture[12:20, x + 6 : x + 14] = 80, 200, 80
            picture[30:36, x : x + 6] = 80, 80, 200
            cv2.imwrite(str(picture_path(folder, video, frame)), picture)
    return folder


def make_annotations() -> pd.DataFrame:
    """What is in them."""
    rows = []
    for video in ("a", "b"):
        for frame in range(1, FRAMES + 1):
            x = 10 + 3 * frame
            rows += [
                (video, frame, 1, "person", x, 10, x + 19, 49, None),
                (video, frame, 1, "head", x + 6, 12, x + 13, 19, "none"),
                (video, frame, 1, "left_hand", x, 30, x + 5, 35, "none"),
            ]
    columns = ["video", "frame", "person", "part", *BOX, "state"]
    return tables.ANNOTATIONS.validate(pd.DataFrame(rows, columns=columns))


def make_frames() -> pd.DataFrame:
    """The two videos, and one of which no frame decodes."""
    table = pd.DataFrame(
        {
            "video": ["a", "b", "broken"],
            "frames": [FRAMES, FRAMES, 0],
            "expected": FRAMES,
            "width": [80, 80, 0],
            "height": [60, 60, 0],
            "fps": 10.0,
            "problem": [None, None, "no frame decodes"],
            "source": "1",
        }
    )
    return tables.FRAMES.validate(table)
