"""How training clips and the boxes in them are seen: mirrored, resized, turned.

Boxes are edges here, (P, 4) x1, y1, x2, y2: one that covers the first pixel alone is 0, 0, 1, 1.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike

from partparse.augment import Pictures
from partparse.boxes import Floats


@dataclass(frozen=True)
class WholeView:
    """How the whole frames of a clip are seen; a square of them: `partparse.recognition.views`."""

    mirrored: bool = False  # left to right: the labels' sides have to be exchanged
    scale: float = 1.0  # factor of both sides
    degrees: float = 0.0  # by which the picture turns about its centre, clockwise


def scale_edges(edges: ArrayLike, size: tuple[int, int], new_size: tuple[int, int]) -> Floats:
    """Edges in a picture of `size` (height, width), in the same one resized."""
    factors = np.array(new_size[::-1], float) / np.array(size[::-1], float)
    return np.asarray(edges, float) * np.tile(factors, 2)


def view_clip(clip: Pictures, edges: ArrayLike, view: WholeView) -> tuple[Pictures, Floats]:
    """A clip (T, H, W, 3) and the boxes in it as `view` has them, boxes cut at the new edge.

    A box that is turned becomes the one that holds its corners.
    """
    height, width = clip.shape[1:3]
    edges = np.asarray(edges, float)
    if view.scale == 1 and view.degrees == 0:
        if not view.mirrored:
            return clip, edges
        swapped = np.array([width, 0, width, 0]) + edges[:, [2, 1, 0, 3]] * (-1, 1, -1, 1)
        return np.ascontiguousarray(clip[:, :, ::-1]), swapped
    size = max(1, round(width * view.scale)), max(1, round(height * view.scale))
    matrix = _matrix((width, height), size, view)
    # OpenCV's coordinates are those of pixels' centres
    centres = matrix.copy()
    centres[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    seen = np.stack([cv2.warpAffine(frame, centres, size) for frame in clip])
    corners = edges[:, [[0, 1], [2, 1], [2, 3], [0, 3]]] @ matrix[:, :2].T + matrix[:, 2]
    limits = np.array(size, float)
    low = np.clip(corners.min(1), 0, limits)
    high = np.clip(corners.max(1), 0, limits)
    return seen.astype(np.uint8), np.concatenate([low, high], 1)


def _matrix(size: tuple[int, int], new_size: tuple[int, int], view: WholeView) -> Floats:
    """(2, 3): from x, y in a picture of `size` (width, height) to the viewed one."""
    angle = math.radians(view.degrees)
    turned = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    factors = np.array(new_size, float) / np.array(size, float)
    linear = factors[:, None] * turned * (-1 if view.mirrored else 1, 1)
    offset = np.array(new_size) / 2 - linear @ (np.array(size) / 2)
    return np.concatenate([linear, offset[:, None]], 1)


def jitter_edges(
    edges: ArrayLike, amount: float, size: tuple[int, int], rng: np.random.Generator
) -> Floats:
    """Move each edge by up to `amount` sides of its box, within a picture of (height, width)."""
    edges = np.asarray(edges, float)
    sides = np.tile(edges[:, 2:] - edges[:, :2], 2)
    moved = edges + sides * rng.uniform(-amount, amount, edges.shape)
    limits = np.tile(np.array(size[::-1], float), 2)
    return np.clip(moved, 0, limits)
