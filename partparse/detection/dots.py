"""Keypoints drawn onto a person's crop as dots of different colours, so that a part detector
sees them.

"Pose-guided part detection", section 1.2 of the second place's report of the Kinetics-TPS
challenge 2021: part AP50 53.1 without dots, 79.7 with them. `ours` has a colour for each keypoint
and a radius that is a share of the crop's longer side; `second_2021` is what that system's public
code draws (SheldongChen/A-Baseline-Framework-for-Part-level-Action-Parsing-and-Action-Recognition,
`poseguide_embedding.py`), which the report does not say.
"""

import math
from collections.abc import Mapping

import cv2
import numpy as np

from partparse.augment import Picture
from partparse.boxes import Floats
from partparse.detection.settings import PartPictureSettings
from partparse.vocabulary import KEYPOINTS

_SUBPIXEL_BITS = 4

Colour = tuple[int, int, int]  # RGB

COLOURS: dict[str, Colour] = {
    "nose": (255, 255, 255),
    "left_eye": (160, 160, 255),
    "right_eye": (255, 160, 160),
    "left_ear": (80, 80, 160),
    "right_ear": (160, 80, 80),
    "left_shoulder": (0, 128, 255),
    "right_shoulder": (255, 128, 0),
    "left_elbow": (0, 255, 128),
    "right_elbow": (255, 0, 128),
    "left_wrist": (0, 255, 255),
    "right_wrist": (255, 0, 255),
    "left_hip": (0, 0, 128),
    "right_hip": (128, 0, 0),
    "left_knee": (0, 128, 0),
    "right_knee": (128, 0, 128),
    "left_ankle": (0, 0, 255),
    "right_ankle": (255, 255, 0),
}
"""The RGB colour of each keypoint: cold on the left, warm on the right, none like skin where
hands and feet are, so that a small network has little to learn."""

COLOURS_2021: dict[str, Colour] = {
    "nose": (0, 255, 0),
    "left_eye": (0, 255, 0),
    "right_eye": (0, 255, 0),
    "left_ear": (0, 255, 0),
    "right_ear": (0, 255, 0),
    "left_shoulder": (128, 0, 0),
    "right_shoulder": (0, 0, 128),
    "left_elbow": (128, 0, 0),
    "right_elbow": (0, 0, 128),
    "left_wrist": (255, 0, 0),
    "right_wrist": (0, 0, 255),
    "left_hip": (255, 0, 255),
    "right_hip": (255, 0, 255),
    "left_knee": (0, 255, 255),
    "right_knee": (255, 255, 0),
    "left_ankle": (0, 128, 128),
    "right_ankle": (128, 128, 0),
}
"""The RGB colour of each keypoint: that of its part, of which there are ten."""

LIMBS_2021: dict[Colour, tuple[tuple[str, str], ...]] = {
    (255, 128, 0): (
        ("left_ankle", "left_knee"),
        ("left_knee", "left_hip"),
        ("right_ankle", "right_knee"),
        ("right_knee", "right_hip"),
    ),
    (255, 51, 255): (
        ("left_hip", "right_hip"),
        ("left_shoulder", "left_hip"),
        ("right_shoulder", "right_hip"),
    ),
    (51, 153, 255): (
        ("left_shoulder", "right_shoulder"),
        ("left_shoulder", "left_elbow"),
        ("right_shoulder", "right_elbow"),
        ("left_elbow", "left_wrist"),
        ("right_elbow", "right_wrist"),
    ),
    (0, 255, 0): (
        ("left_eye", "right_eye"),
        ("nose", "left_eye"),
        ("nose", "right_eye"),
        ("left_eye", "left_ear"),
        ("right_eye", "right_ear"),
        ("left_ear", "left_shoulder"),
        ("right_ear", "right_shoulder"),
    ),
}
"""Lines between keypoints, by their RGB colour: of legs, trunk, arms and head."""

_SCORE_2021 = 0.3


def disturb_dots(keypoints: Floats, noise: float, hide: float, rng: np.random.Generator) -> Floats:
    """Keypoints as they may be of a person that the pose net was not trained on.

    Args:
        keypoints: (17, 3) of x, y and score.
        noise: largest deviation of x and y, in their unit; each person has its own below it.
        hide: share of keypoints that become NaN.
        rng: what is drawn from.
    """
    disturbed = keypoints.copy()
    disturbed[:, :2] += rng.normal(0, noise * rng.random(), (len(keypoints), 2))
    disturbed[rng.random(len(keypoints)) < hide] = np.nan
    return disturbed


def draw_dots(picture: Picture, keypoints: Floats, settings: PartPictureSettings) -> None:
    """Draw the keypoints onto an RGB crop, in place, as `settings.dots` has it.

    Args:
        picture: (H, W, 3), contiguous.
        keypoints: (17, 3) of x, y in pixels of the picture, and score; NaN where there is none.
        settings: how to draw, and which keypoints.
    """
    height, width = picture.shape[:2]
    size = max(width, height)
    if settings.dots == "ours":
        fine = 1 << _SUBPIXEL_BITS
        points = _whole_points(keypoints * [fine, fine, 1], settings.dot_score, size * fine)
        radius = round(settings.dot_radius * size * fine)
        _draw_circles(picture, points, COLOURS, radius, _SUBPIXEL_BITS)
    elif settings.dots == "second_2021":
        points = _whole_points(keypoints, _SCORE_2021, size)
        side = math.sqrt(width * height)
        _draw_circles(picture, points, COLOURS_2021, max(int(side / 30), 3))
        _draw_limbs(picture, points, max(int(side / 90), 1))


def _whole_points(keypoints: Floats, score: float, size: int) -> dict[str, tuple[int, int]]:
    """x and y of the keypoints at or above a score, by name."""
    finite = np.isfinite(keypoints).all(axis=1)
    points = {}
    for index in np.flatnonzero(finite & (keypoints[:, 2] >= score)):
        # a far-off point would overflow OpenCV's integers; past the border it is not seen anyway
        x, y = np.clip(keypoints[index, :2], -size, 2 * size)
        points[KEYPOINTS[index]] = round(x), round(y)
    return points


def _draw_circles(
    picture: Picture,
    points: Mapping[str, tuple[int, int]],
    colours: Mapping[str, Colour],
    radius: int,
    subpixel_bits: int = 0,
) -> None:
    for name, point in points.items():
        cv2.circle(picture, point, radius, colours[name], thickness=cv2.FILLED, shift=subpixel_bits)


def _draw_limbs(picture: Picture, points: Mapping[str, tuple[int, int]], thickness: int) -> None:
    """Those of which both ends are in the picture, as published."""
    height, width = picture.shape[:2]
    inside = {name: (x, y) for name, (x, y) in points.items() if 0 < x < width and 0 < y < height}
    for colour, limbs in LIMBS_2021.items():
        for one, other in limbs:
            if one in inside and other in inside:
                cv2.line(picture, inside[one], inside[other], colour, thickness)
