"""How training pictures are seen: in other colours, and in a mirror, where left is right.

A mirrored left hand is a right hand. Whatever flips a picture must therefore exchange the names,
and the keypoints, of the two sides as well ("label swap", section 2.2 of the winner's report of
the Kinetics-TPS challenge 2022). Every `mirror_…` undoes itself when applied twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from partparse import boxes
from partparse.boxes import Floats, Integers
from partparse.vocabulary import KEYPOINTS, swap_order

Picture = NDArray[np.uint8]  # (H, W, 3), or (H, W) where it is grey
Pictures = NDArray[np.uint8]  # (N, H, W, 3): several of one size


@dataclass(frozen=True)
class View:
    """How a training picture is seen."""

    mirrored: bool = False
    """Left to right, with the sides exchanged in what is known of the picture."""
    hue: float = 0.0  # added to the hue, in turns of the colour circle
    saturation: float = 1.0  # factor of the saturation
    brightness: float = 1.0  # factor of the brightness


def view_picture(picture: Picture, view: View) -> Picture:
    """A (H, W, 3) RGB picture as `view` has it; a new array, or `picture` where nothing changes."""
    if (view.hue, view.saturation, view.brightness) != (0.0, 1.0, 1.0):
        picture = _recolour(picture, view)
    return mirror_picture(picture) if view.mirrored else picture


def _recolour(picture: Picture, view: View) -> Picture:
    level = np.arange(256)
    # OpenCV's hue of 8 bits counts to 180
    hue = (level + round(view.hue * 180)) % 180
    saturation = np.clip(level * view.saturation, 0, 255)
    brightness = np.clip(level * view.brightness, 0, 255)
    table = np.stack([hue, saturation, brightness], axis=-1).astype(np.uint8)[None]
    changed = cv2.LUT(cv2.cvtColor(picture, cv2.COLOR_RGB2HSV), table)
    return cv2.cvtColor(changed, cv2.COLOR_HSV2RGB)


def mirror_picture(picture: Picture) -> Picture:
    """A (H, W, C) picture flipped left to right, contiguous in memory."""
    return np.ascontiguousarray(picture[:, ::-1])


def mirror_keypoints(keypoints: ArrayLike, width: int) -> Floats:
    """Keypoints (..., 17, 2 or 3) of x, y[, score] in the mirrored picture of `width` pixels.

    Left and right keypoints change places; NaN stays NaN, and so does a score.
    """
    swapped = np.asarray(keypoints, float)[..., swap_order(KEYPOINTS), :].copy()
    swapped[..., 0] = width - 1 - swapped[..., 0]
    return swapped


def mirror_classes(classes: ArrayLike, names: Sequence[str]) -> Integers:
    """Indices into `names` with the sides exchanged: that of left_hand becomes right_hand's."""
    return np.asarray(swap_order(names), np.int64)[np.asarray(classes, np.int64)]


def mirror_labels(
    box: ArrayLike, classes: ArrayLike, names: Sequence[str], width: int
) -> tuple[Floats, Integers]:
    """Boxes (N, 4) and their classes (N,), indices into `names`, in the mirrored picture."""
    return boxes.mirror(box, width), mirror_classes(classes, names)
