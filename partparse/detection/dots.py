"""Keypoints drawn onto a person's crop as dots of different colours, so that a part detector
sees them.

"Pose-guided part detection", section 1.2 of the second place's report of the Kinetics-TPS
challenge 2021: part AP50 53.1 without dots, 79.7 with them. Radius, colours and the cut-off are
not published; here the radius is a share of the crop's longer side.
"""

import cv2
import numpy as np

from partparse.augment import Picture
from partparse.boxes import Floats
from partparse.vocabulary import KEYPOINTS

_SUBPIXEL_BITS = 4


COLOURS: dict[str, tuple[int, int, int]] = {
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


def draw_dots(picture: Picture, keypoints: Floats, radius: float, score: float) -> None:
    """Draw the keypoints onto an RGB crop, in place.

    Args:
        picture: (H, W, 3), contiguous.
        keypoints: (17, 3) of x, y in pixels of the picture, and score; NaN where there is none.
        radius: of a dot, in longer sides of the picture.
        score: keypoints below it are left out.
    """
    fine = 1 << _SUBPIXEL_BITS
    size = max(picture.shape[:2])
    finite = np.isfinite(keypoints).all(axis=1)
    for index in np.flatnonzero(finite & (keypoints[:, 2] >= score)):
        # a far-off point would overflow OpenCV's integers; past the border it is not seen anyway
        x, y = np.clip(keypoints[index, :2], -size, 2 * size)
        cv2.circle(
            picture,
            (round(x * fine), round(y * fine)),
            round(radius * size * fine),
            COLOURS[KEYPOINTS[index]],
            thickness=cv2.FILLED,
            shift=_SUBPIXEL_BITS,
        )
