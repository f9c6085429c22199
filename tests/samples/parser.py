"""Settings of a parser that trains in seconds; the persons are those of the part-state net."""

import numpy as np
import pandas as pd

from partparse import tables
from partparse.states.parser.settings import ParserTrainSettings
from partparse.tables import BOX, PERSON_KEY
from partparse.vocabulary import KEYPOINTS, PERSON

SETTINGS = ParserTrainSettings(
    backbone={"name": "resnet10t", "channels": [8, 8, 16, 16], "stem_width": 8},
    weights=None,
    weights_sha256=None,
    maps=(1, 2, 3),
    width=16,
    motion_width=4,
    roi_bins=2,
    layers=1,
    heads=2,
    dropout=0.0,
    crop_side=64,
    crop_margin=0.2,
    tube_length=2,
    tube_stride=1,
    frame_stride=1,
    mirror=0.0,
    colour=0.0,
    rotate=0.0,
    shift=0.0,
    zoom=0.0,
    erase=0.0,
    part_shift=0.0,
    part_scale=0.0,
    found_parts=0.0,
    keypoint_weight=0.5,
    part_weight=0.5,
    state_weight=1.0,
    action_weight=0.3,
    label_smoothing=0.0,
    epochs=1,
    batch=4,
    device_batch=None,
    optimizer="adamw",
    learning_rate=0.003,
    momentum=0.9,
    weight_decay=0.0,
    schedule="one_cycle",
    gradient_norm=None,
    layer_decay=None,
    ema=None,
    warm_up_start=0.0,
    warm_up=0.1,
    drops=(),
    precision="32-true",
    checkpoint_minutes=5,
    workers=0,
    seed=1,
)


def made_keypoints(annotations: pd.DataFrame) -> pd.DataFrame:
    """KEYPOINT_TABLE of the annotated persons: along the diagonals of their boxes, all sure."""
    persons = annotations[annotations["part"] == PERSON].reset_index(drop=True)
    box = persons[BOX].to_numpy(float)
    share = np.linspace(0.1, 0.9, len(KEYPOINTS))
    points = box[:, None, :2] + share[:, None] * (box[:, None, 2:] - box[:, None, :2])
    points[:, 1::2, 0] = (box[:, :1] + box[:, 2:3]) - points[:, 1::2, 0]
    scores = np.ones((*points.shape[:2], 1))
    values = np.concatenate([points, scores], axis=-1)
    return tables.KEYPOINT_TABLE.validate(tables.unpack_keypoints(persons[PERSON_KEY], values))
