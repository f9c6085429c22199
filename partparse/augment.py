"""Pictures and their labels seen in a mirror: left and right change places.

A mirrored left hand is a right hand. Whatever flips a picture must therefore exchange the names,
and the keypoints, of the two sides as well ("label swap", section 2.2 of the winner's report of
the Kinetics-TPS challenge 2022). Every function here undoes itself when applied twice.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partparse import boxes
from partparse.vocabulary import KEYPOINTS, swap_order


def mirror_picture(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A (H, W, C) picture flipped left to right, contiguous in memory."""
    return np.ascontiguousarray(picture[:, ::-1])


def mirror_keypoints(keypoints: ArrayLike, width: int) -> NDArray[np.floating]:
    """Keypoints (..., 17, 2 or 3) of x, y[, score] in the mirrored picture of `width` pixels.

    Left and right keypoints change places; NaN stays NaN, and so does a score.
    """
    swapped = np.asarray(keypoints, float)[..., swap_order(KEYPOINTS), :].copy()
    swapped[..., 0] = width - 1 - swapped[..., 0]
    return swapped


def mirror_classes(classes: ArrayLike, names: Sequence[str]) -> NDArray[np.int64]:
    """Indices into `names` with the sides exchanged: that of left_hand becomes right_hand's."""
    return np.asarray(swap_order(names), np.int64)[np.asarray(classes, np.int64)]


def mirror_labels(
    box: ArrayLike, classes: ArrayLike, names: Sequence[str], width: int
) -> tuple[NDArray[np.floating], NDArray[np.int64]]:
    """Boxes (N, 4) and their classes (N,), indices into `names`, in the mirrored picture."""
    return boxes.mirror(box, width), mirror_classes(classes, names)
