"""Persons cut out of frames, at the size that the part detector works at.

A window is an inclusive box of whole pixels within its frame, (..., 4) int. The crop is the
window resized so that its longer side has a given length; `to_crop` and `to_frame` move points
and boxes between the two.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike

from partparse import boxes
from partparse.augment import Picture
from partparse.boxes import Floats, Integers


def crop_windows(box: ArrayLike, margin: float, width: int, height: int) -> Integers:
    """Windows (N, 4) about boxes (N, 4), `margin` times their sides larger, within the frame."""
    enlarged = boxes.enlarge(box, 1 + margin)
    outward = np.concatenate([np.floor(enlarged[..., :2]), np.ceil(enlarged[..., 2:])], axis=-1)
    return boxes.clip(outward, (width, height)).astype(np.int64)


@dataclass(frozen=True)
class Crop:
    """A person cut out of a frame."""

    picture: Picture  # (H, W, 3) RGB
    corner: Floats  # (2,): x and y of the window's first pixel in the frame
    scale: Floats  # (2,): pixels of the crop in a pixel of the frame, in x and y

    def points_to_crop(self, points: ArrayLike) -> Floats:
        """Points (..., 2 or more) of x, y[, …] in pixels of the frame -> of the crop."""
        moved = np.array(points, float)
        # integers are the centres of pixels, whose edges are what the scale keeps together
        moved[..., :2] = (moved[..., :2] - self.corner + 0.5) * self.scale - 0.5
        return moved

    def boxes_to_crop(self, box: ArrayLike) -> Floats:
        """Inclusive boxes (..., 4) of the frame -> of the crop."""
        low, high = np.split(np.asarray(box, float) - np.tile(self.corner, 2), 2, axis=-1)
        return np.concatenate([low * self.scale, (high + 1) * self.scale - 1], axis=-1)

    def boxes_to_frame(self, box: ArrayLike) -> Floats:
        """The inverse of `boxes_to_crop`; a box thinner than a pixel of the frame becomes one."""
        low, high = np.split(np.asarray(box, float), 2, axis=-1)
        inner = np.concatenate([low / self.scale, (high + 1) / self.scale - 1], axis=-1)
        inner += np.tile(self.corner, 2)
        inner[..., 2:] = np.maximum(inner[..., 2:], inner[..., :2])
        return inner


def cut(picture: Picture, window: ArrayLike, size: int) -> Crop:
    """Cut one window (4,) out of a frame (H, W, 3) and resize its longer side to `size`."""
    x1, y1, x2, y2 = np.asarray(window, int)
    inner = picture[y1 : y2 + 1, x1 : x2 + 1]
    height, width = inner.shape[:2]
    factor = size / max(height, width)
    shape = max(round(width * factor), 1), max(round(height * factor), 1)
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return Crop(
        cv2.resize(inner, shape, interpolation=how),
        np.array([x1, y1], float),
        np.array([shape[0] / width, shape[1] / height]),
    )
