"""Tracked persons with keypoints that the tests of the skeleton method share."""

import numpy as np
import pandas as pd

from partparse import tables

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
