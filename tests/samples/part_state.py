"""Settings of a part-state net that trains in seconds, and made-up persons for it."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from partparse import tables
from partparse.states.part_state.settings import PartStateTrainSettings
from partparse.vocabulary import PARTS, PERSON, Vocabulary

VOCABULARY = Vocabulary(("jump", "sit"), PARTS, ("none", "bend", "turn"), ())
SETTINGS = PartStateTrainSettings(
    backbone={"name": "resnet10t", "channels": [8, 8, 16, 16], "stem_width": 8},
    weights=None,
    weights_sha256=None,
    freeze_backbone=False,
    maps=(1, 2),
    roi_bins=2,
    width=16,
    layers=1,
    heads=2,
    dropout=0.0,
    crop_side=32,
    crop_margin=0.2,
    frame_stride=1,
    balance=0.5,
    mirror=0.0,
    colour=0.0,
    rotate=0.0,
    shift=0.0,
    zoom=0.0,
    part_shift=0.0,
    part_scale=0.0,
    part_drop=0.0,
    action_noise=0.0,
    action_drop=0.0,
    label_smoothing=0.0,
    epochs=1,
    batch=4,
    device_batch=None,
    optimizer="adamw",
    learning_rate=0.003,
    momentum=0.9,
    weight_decay=0.0,
    gradient_norm=None,
    layer_decay=None,
    ema=None,
    schedule="one_cycle",
    warm_up=0.1,
    warm_up_start=0.0,
    drops=(),
    precision="32-true",
    checkpoint_minutes=5,
    workers=0,
    seed=1,
)

WIDTH, HEIGHT = 64, 48
_LEVELS = {"none": (40, 40, 40), "bend": (230, 60, 60), "turn": (60, 60, 230)}  # BGR


def write_persons(cache: Path, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Eight persons in eight frames of two videos, whose states are the colours of their parts.

    Returns VIDEOS, ANNOTATIONS and FRAMES; the frames lie in `cache`. The hip is never annotated.
    """
    rng = np.random.default_rng(seed)
    rows: list[tuple] = []
    for video in ("a", "b"):
        (cache / video).mkdir(parents=True)
        for frame in range(1, 5):
            picture = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
            x, y = rng.integers(2, 20, 2)
            rows.append((video, frame, 1, PERSON, x, y, x + 29, y + 24, None))
            for index, part in enumerate(PARTS[:-1]):
                left, top = x + 10 * (index % 3), y + 8 * (index // 3)
                box = (left, top, left + 8, top + 6)
                state = str(rng.choice(VOCABULARY.states))
                cv2.rectangle(picture, box[:2], box[2:], _LEVELS[state], cv2.FILLED)
                rows.append((video, frame, 1, part, *box, state))
            cv2.imwrite(str(cache / video / f"img_{frame:05d}.png"), picture)
            path = cache / video / f"img_{frame:05d}"
            path.with_suffix(".png").rename(path.with_suffix(".jpg"))  # exact colours
    columns = ["video", "frame", "person", "part", *tables.BOX, "state"]
    videos = {"video": ["a", "b"], "action": ["jump", "sit"], "split": "train", "path": "x.mp4"}
    sizes = {"width": WIDTH, "height": HEIGHT, "fps": 10.0}
    frames = {"video": ["a", "b"], "frames": 4, "expected": 4, "problem": None, "source": "1"}
    return (
        tables.VIDEOS.validate(pd.DataFrame({**videos, **sizes, "source": "1", "frames": 4})),
        tables.ANNOTATIONS.validate(pd.DataFrame(rows, columns=columns)),
        tables.FRAMES.validate(pd.DataFrame({**frames, **sizes})),
    )
