"""Person boxes that grow to hold the person's confident keypoints.

Section 1.2 of the second place's report of the Kinetics-TPS challenge 2021 (+.35 points): a pose
estimator sees hands and feet that the detector's box cut off.
"""

import numpy as np
import pandas as pd

from partparse import boxes, tables
from partparse.detection.settings import GrowthSettings
from partparse.tables import BOX, PERSON_KEY


def grow_persons(
    persons: pd.DataFrame, keypoints: pd.DataFrame, frames: pd.DataFrame, settings: GrowthSettings
) -> pd.DataFrame:
    """PERSONS with boxes that hold their keypoints, within the frame.

    Args:
        persons: PERSONS table.
        keypoints: KEYPOINT_TABLE; persons without a row keep their box.
        frames: FRAMES table, for the size of the pictures.
        settings: which keypoints count.
    """
    points = tables.pack_keypoints(persons[PERSON_KEY].merge(keypoints, on=PERSON_KEY, how="left"))
    counts = np.isfinite(points).all(axis=2) & (points[..., 2] >= settings.score)
    size = persons[["video"]].merge(frames[["video", "width", "height"]], on="video", how="left")
    grown = boxes.enclose_points(persons[BOX], points[..., :2], counts)
    limit = np.tile(size[["width", "height"]].to_numpy(float) - 1, 2)
    return persons.assign(**dict(zip(BOX, np.clip(grown, 0, limit).T, strict=True)))
