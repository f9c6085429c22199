"""Boxes: xyxy pixels, corners inclusive, so a box is `x2 - x1 + 1` wide (the metric's +1).

Every function is vectorised: arrays are (..., 4) unless said otherwise.
"""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Floats = NDArray[np.floating]
Integers = NDArray[np.int64]

PIXEL = (0, 0, 1, 1)  # what corners become outer edges by: a pixel ends where the next begins


def to_edges(boxes: ArrayLike) -> Floats:
    """Inclusive corners as outer edges of pixels: a box of the first pixel alone is 0, 0, 1, 1."""
    return np.asarray(boxes, float) + PIXEL


def from_edges(edges: ArrayLike) -> Floats:
    """The inverse of `to_edges`; a box thinner than a pixel becomes one pixel."""
    boxes = np.asarray(edges, float) - PIXEL
    boxes[..., 2:] = np.maximum(boxes[..., 2:], boxes[..., :2])
    return boxes


def width_height(boxes: Floats) -> Floats:
    """Width and height in pixels: (..., 4) -> (..., 2)."""
    return boxes[..., 2:] - boxes[..., :2] + 1


def area(boxes: Floats) -> Floats:
    """Area in pixels, (...,); degenerate boxes (x2 < x1 - 1) count as 0."""
    # column by column: an axis of two is slow to work along
    x1, y1, x2, y2 = np.moveaxis(boxes, -1, 0)
    return np.maximum(x2 - x1 + 1, 0) * np.maximum(y2 - y1 + 1, 0)


def _overlap(a: Floats, b: Floats) -> Floats:
    (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = (np.moveaxis(boxes, -1, 0) for boxes in (a, b))
    width = np.maximum(np.minimum(ax2, bx2) - np.maximum(ax1, bx1) + 1, 0)
    height = np.maximum(np.minimum(ay2, by2) - np.maximum(ay1, by1) + 1, 0)
    inter = width * height
    return inter / np.maximum(area(a) + area(b) - inter, np.finfo(a.dtype).tiny)


def paired_iou(a: ArrayLike, b: ArrayLike) -> Floats:
    """IoU of boxes in the same place: (..., 4) and (..., 4) -> (...,)."""
    return _overlap(np.asarray(a, float), np.asarray(b, float))


def pairwise_iou(a: ArrayLike, b: ArrayLike, dtype: DTypeLike = float) -> Floats:
    """IoU of every pair, computed in `dtype`: (..., N, 4) and (..., M, 4) -> (..., N, M)."""
    return _overlap(np.asarray(a, dtype)[..., :, None, :], np.asarray(b, dtype)[..., None, :, :])


def round_pixels(boxes: ArrayLike) -> Floats:
    """Round to a tenth of a pixel, float64: what a submission holds of a box."""
    return np.round(np.asarray(boxes, float), 1)


def clip(boxes: ArrayLike, size: ArrayLike) -> Floats:
    """Move corners (..., 4) into pictures of `size` (..., 2), width and height.

    The largest corner is size - 1.
    """
    return np.clip(np.asarray(boxes, float), 0, np.tile(np.asarray(size, float), 2) - 1)


def enlarge(boxes: ArrayLike, factor: ArrayLike) -> Floats:
    """Scale width and height about the centre by `factor`, one or as many as (..., 1)."""
    boxes = np.asarray(boxes, float)
    centre = (boxes[..., :2] + boxes[..., 2:]) / 2
    half = width_height(boxes) / 2 * np.asarray(factor)
    return np.concatenate([centre - half + 0.5, centre + half - 0.5], axis=-1)


def enclose_points(boxes: ArrayLike, points: ArrayLike, keep: ArrayLike) -> Floats:
    """Grow boxes to contain points.

    boxes (N, 4), points (N, K, 2) as x, y, keep (N, K) bool: the points that count -> (N, 4).
    """
    boxes, points = np.asarray(boxes, float), np.asarray(points, float)
    counted = np.asarray(keep, bool)[..., None]
    low = np.where(counted, points, np.inf).min(axis=1, initial=np.inf)
    high = np.where(counted, points, -np.inf).max(axis=1, initial=-np.inf)
    return np.concatenate([np.minimum(boxes[:, :2], low), np.maximum(boxes[:, 2:], high)], axis=1)


def mirror(boxes: ArrayLike, width: int) -> Floats:
    """Boxes of the picture flipped left to right; `width` in pixels."""
    boxes = np.asarray(boxes, float)
    return np.stack(
        [width - 1 - boxes[..., 2], boxes[..., 1], width - 1 - boxes[..., 0], boxes[..., 3]],
        axis=-1,
    )
