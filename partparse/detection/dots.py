"""Keypoints drawn onto a person's crop as dots of different colours, so that a part detector
sees them.

"Pose-guided part detection", section 1.2 of the second place's report of the Kinetics-TPS
challenge 2021: part AP50 53.1 without dots, 79.7 with them. Radius, colours and the cut-off are
not published; here the radius is a share of the crop's longer side.
"""

import colorsys

import cv2
import numpy as np
from numpy.typing import NDArray

from partparse.video import Picture
from partparse.vocabulary import KEYPOINTS

_SUBPIXEL_BITS = 4


def _palette(count: int) -> tuple[tuple[int, int, int], ...]:
    """`count` RGB colours: hues far apart for neighbours, so that left differs from right."""
    step = 7  # no divisor of 17: every hue comes once, neighbours are 148 degrees apart
    hues = [(number * step % count) / count for number in range(count)]
    values = [1.0 if number % 4 < 2 else 0.7 for number in range(count)]
    rgb = [colorsys.hsv_to_rgb(hue, 1.0, value) for hue, value in zip(hues, values, strict=True)]
    return tuple((round(r * 255), round(g * 255), round(b * 255)) for r, g, b in rgb)


COLOURS: tuple[tuple[int, int, int], ...] = _palette(len(KEYPOINTS))
"""The RGB colour of each of the 17 keypoints."""


def draw_dots(
    picture: Picture, keypoints: NDArray[np.floating], radius: float, score: float
) -> None:
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
            COLOURS[index],
            thickness=cv2.FILLED,
            shift=_SUBPIXEL_BITS,
        )
