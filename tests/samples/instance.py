"""Persons in short videos that an instance-level method learns in a second."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from partparse import tables
from partparse.states.instance.settings import InstanceTrainSettings
from partparse.vocabulary import PARTS, PERSON, Vocabulary

VOCABULARY = Vocabulary(("jump", "sit"), PARTS, ("none", "bend", "turn"), ())
SETTINGS = InstanceTrainSettings(
    head="roi",
    backbone={"depth": [1, 1, 1, 1], "stem_channels": 8, "beta": 4, "dilated": True},
    reduced=16,
    hidden=16,
    depth=1,
    keypoints=None,
    dropout=0.0,
    label_smoothing=0.0,
    weights=None,
    weights_sha256=None,
    freeze_bn=False,
    length=4,
    stride=1,
    frame_side=48,
    frame_stride=1,
    scale=(0.9, 1.1),
    rotate=5.0,
    mirror=0.5,
    colour=0.1,
    box_jitter=0.05,
    memory_mb=10,
    epochs=1,
    batch=2,
    device_batch=None,
    optimizer="adamw",
    learning_rate=0.005,
    momentum=0.9,
    weight_decay=0.0,
    gradient_norm=None,
    layer_decay=None,
    ema=None,
    schedule="one_cycle",
    warm_up=0.5,
    warm_up_start=0.0,
    drops=(),
    precision="32-true",
    checkpoint_minutes=0,
    workers=0,
    seed=3,
)
FRAMES = 4
WIDTH, HEIGHT = 96, 72
_BOXES = [[8, 10, 39, 63], [52, 6, 91, 67]]  # two persons in each frame


def write_clips(cache: Path, videos: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """FRAMES and ANNOTATIONS of videos; a person's brightness says the states of its parts."""
    rng = np.random.default_rng(0)
    frames, rows = [], []
    for number in range(videos):
        video = f"v{number}"
        (cache / video).mkdir(parents=True)
        levels = rng.integers(len(VOCABULARY.states), size=2)
        picture = rng.integers(90, 110, (HEIGHT, WIDTH, 3)).astype(np.uint8)
        for level, (x1, y1, x2, y2) in zip(levels, _BOXES, strict=True):
            picture[y1 : y2 + 1, x1 : x2 + 1] = 20 + 100 * level
        for frame in range(1, FRAMES + 1):
            cv2.imwrite(str(cache / video / f"img_{frame:05d}.jpg"), picture)
        frames.append({"video": video, "frames": FRAMES, "width": WIDTH, "height": HEIGHT})
        for person, (level, box) in enumerate(zip(levels, _BOXES, strict=True), start=1):
            key = {"video": video, "frame": 2, "person": person}
            key |= dict(zip(tables.BOX, box, strict=True))
            rows.append(key | {"part": PERSON, "state": None})
            states = np.roll(VOCABULARY.states, -level)[[0, 1, 1, 2, 2]]
            named = zip(("head", "left_arm", "right_arm", "hip", "left_leg"), states, strict=True)
            rows.extend(key | {"part": part, "state": state} for part, state in named)
    extracted = pd.DataFrame(frames).assign(expected=None, fps=10.0, problem=None, source="1")
    return (
        tables.FRAMES.validate(extracted),
        tables.ANNOTATIONS.validate(pd.DataFrame(rows)),
    )


def detections(annotations: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """PERSONS and PARTS_TABLE as a detector without fault would find them."""
    found = annotations.drop(columns="state").assign(score=0.9)
    own = found["part"] == PERSON
    persons = found[own].drop(columns="part").assign(track=-1)
    return tables.PERSONS.validate(persons), tables.PARTS_TABLE.validate(found[~own])
