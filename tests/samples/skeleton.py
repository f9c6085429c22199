"""Tracked persons with keypoints that the tests of the skeleton method share."""

import numpy as np
import pandas as pd

from partparse import tables
from partparse.states.skeleton.settings import SkeletonTrainSettings
from partparse.vocabulary import KEYPOINTS, PERSON
from tests.samples.states import VIDEOS, VOCABULARY

WIDTH, HEIGHT = 320, 240


def tracked_table(rows: list[tuple[str, int, int, int]], boxes: np.ndarray) -> pd.DataFrame:
    """PERSONS of (video, frame, person, track) and boxes (rows, 4)."""
    table = pd.DataFrame(rows, columns=["video", "frame", "person", "track"]).assign(score=0.9)
    table[tables.BOX] = boxes
    return tables.PERSONS.validate(table)


def moving_person(
    frames: list[int], seed: int = 0, video: str = "v", track: int = 1
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """PERSONS and KEYPOINT_TABLE of somebody at `frames`, whose keypoints lie in his boxes."""
    rng = np.random.default_rng(seed)
    corner = 40 + rng.uniform(0, 30, (len(frames), 2))
    boxes = np.concatenate([corner, corner + rng.uniform(50, 90, (len(frames), 2))], axis=1)
    persons = tracked_table([(video, frame, 1, track) for frame in frames], boxes)
    inside = rng.uniform(size=(len(frames), 17, 2))
    points = boxes[:, None, :2] + inside * (boxes[:, None, 2:] - boxes[:, None, :2])
    scores = rng.uniform(0.2, 1, (len(frames), 17, 1))
    keypoints = np.concatenate([points, scores], axis=-1)
    return persons, tables.KEYPOINT_TABLE.validate(tables.unpack_keypoints(persons, keypoints))


SETTINGS = SkeletonTrainSettings(
    channels=(8, 8),
    strides=(1, 2),
    dropout=0.0,
    length=6,
    stride=1,
    gap=2,
    frames_a_window=12,
    mirror=0.5,
    noise=0.01,
    hide=0.0,
    rotate=5.0,
    box_jitter=0.05,
    action_weight=1.0,
    label_smoothing=0.0,
    epochs=12,
    batch=4,
    device_batch=None,
    optimizer="adamw",
    learning_rate=0.01,
    momentum=0.9,
    weight_decay=0.0,
    gradient_norm=None,
    layer_decay=None,
    ema=None,
    schedule="one_cycle",
    warm_up=1,
    warm_up_start=0.0,
    drops=(),
    precision="32-true",
    checkpoint_minutes=0,
    workers=0,
    seed=3,
)


def data_set(videos: int, frames: int = 12) -> dict[str, pd.DataFrame]:
    """Tables of training videos with a person each, every odd frame with keypoints.

    The left hand bends where its wrist is above the shoulder; who walks, moves to the right.
    """
    rng = np.random.default_rng(0)
    numbers = np.arange(1, frames + 1)
    annotated, tracked, keypoints = [], [], []
    names = [f"v{video}" for video in range(videos)]
    actions = [VOCABULARY.actions[video % 3] for video in range(videos)]
    body = rng.uniform(0, 1, (17, 2)) * (60, 120)
    for video, action in zip(names, actions, strict=True):
        x = 40 + 6 * numbers * (action == "walk") + rng.uniform(0, 20)
        boxes = np.stack([x, 0 * x + 50, x + 60, 0 * x + 170], axis=1)
        points = boxes[:, None, :2] + body + rng.normal(0, 2, (frames, 17, 2))
        up = np.sin(numbers / 3 + rng.uniform(0, 6)) > 0
        shoulder, wrist = (KEYPOINTS.index(f"left_{name}") for name in ("shoulder", "wrist"))
        points[:, wrist, 1] = points[:, shoulder, 1] + np.where(up, -30, 30)
        if action == "sit":
            points[:, 11:, 1] = boxes[:, None, 3] - 40
        persons = tracked_table([(video, int(frame), 1, 1) for frame in numbers], boxes)
        tracked.append(persons)
        seen = np.concatenate([points, np.full((frames, 17, 1), 0.8)], axis=-1)
        keypoints.append(tables.unpack_keypoints(persons, seen)[::2])
        for part, states in (
            (PERSON, [None] * frames),
            ("left_hand", np.where(up, "bend", "none")),
            ("hip", ["none"] * frames),
        ):
            rows = persons[["video", "frame", "person", *tables.BOX]]
            annotated.append(rows.assign(part=part, state=states))
    return {
        "videos": pd.concat([VIDEOS.iloc[:1]] * videos, ignore_index=True).assign(
            video=names, action=actions
        ),
        "frames": tables.FRAMES.validate(
            pd.DataFrame({"video": names}).assign(
                frames=frames,
                expected=frames,
                width=WIDTH,
                height=HEIGHT,
                fps=10.0,
                problem=None,
                source="1",
            )
        ),
        "annotations": tables.ANNOTATIONS.validate(pd.concat(annotated, ignore_index=True)),
        "tracked": pd.concat(tracked, ignore_index=True),
        "keypoints": tables.KEYPOINT_TABLE.validate(pd.concat(keypoints, ignore_index=True)),
    }
