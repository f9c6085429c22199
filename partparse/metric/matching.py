"""Which predicted person is which true person: the metric's assignment."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from partparse.boxes import pairwise_iou

Floats = NDArray[np.floating]
Integers = NDArray[np.int64]

DISJOINT = -1.0
"""What a pair without overlap weighs in the assignment."""


def assign(
    truth_frame: Integers, truth_boxes: Floats, predicted_frame: Integers, predicted_boxes: Floats
) -> tuple[Integers, Floats]:
    """Assign predicted to true persons, in each frame, by the largest sum of IoUs.

    As the challenge's evaluator does it: IoU in float32, disjoint pairs weigh -1, and the
    smaller side is filled up with dummies that weigh 0. Among equal sums, scipy's order decides;
    so that it is the evaluator's, the matrices are the same, dummies included.

    Args:
        truth_frame: (N,) the frame of each true person, sorted, from 0.
        truth_boxes: (N, 4) xyxy pixels.
        predicted_frame: (M,) likewise.
        predicted_boxes: (M, 4).

    Returns:
        (N,) index of the predicted person, -1 where a dummy was assigned, and (N,) their IoU in
        float32, -1 where they are disjoint. Which IoU makes a match is left to the caller.
    """
    partner = np.full(len(truth_frame), -1, np.int64)
    iou = np.full(len(truth_frame), DISJOINT, np.float32)
    if not len(truth_frame) or not len(predicted_frame):
        return partner, iou
    frames = int(max(truth_frame[-1], predicted_frame[-1])) + 1
    shapes = np.stack(
        [np.bincount(of, minlength=frames) for of in (truth_frame, predicted_frame)], axis=1
    )
    starts = np.cumsum(shapes, axis=0) - shapes
    # frames with as many persons on both sides are worked on together
    for rows, columns in np.unique(shapes[(shapes > 0).all(axis=1)], axis=0):
        start = starts[(shapes == (rows, columns)).all(axis=1)]
        true = start[:, :1] + np.arange(rows)
        predicted = start[:, 1:] + np.arange(columns)
        weights = pairwise_iou(truth_boxes[true], predicted_boxes[predicted], np.float32)
        weights[weights <= 0] = DISJOINT
        chosen = _solve(weights)
        real = chosen < columns
        chosen = np.where(real, chosen, 0)
        partner[true] = np.where(real, np.take_along_axis(predicted, chosen, 1), -1)
        iou[true] = np.where(real, np.take_along_axis(weights, chosen[..., None], 2)[..., 0], -1)
    return partner, iou


def _solve(weights: Floats) -> Integers:
    """(frames, rows, columns) -> (frames, rows): each row's column; a dummy's is >= columns."""
    frames, rows, columns = weights.shape
    size = max(rows, columns)
    # filling up makes the evaluator's matrix float64, which decides near-ties
    padded = np.zeros((frames, size, size), np.float32 if rows == columns else np.float64)
    padded[:, :rows, :columns] = weights
    return np.stack([linear_sum_assignment(cost)[1][:rows] for cost in 1 - padded])
