"""Which predicted person is which true person: the metric's assignment."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from partparse.boxes import Floats, Integers, pairwise_iou

DISJOINT = -1.0  # what a pair without overlap weighs in the assignment
_MARGIN = 1e-3


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
    chosen, plain = _solve_plain(weights)
    rows, columns = weights.shape[1:]
    size = max(rows, columns)
    hard = np.flatnonzero(~plain)
    # filling up makes the evaluator's matrix float64, which decides near-ties
    padded = np.zeros((len(hard), size, size), np.float32 if rows == columns else np.float64)
    padded[:, :rows, :columns] = weights[hard]
    for frame, cost in zip(hard, 1 - padded, strict=True):
        chosen[frame] = linear_sum_assignment(cost)[1][:rows]
    return chosen


def _solve_plain(weights: Floats) -> tuple[Integers, NDArray[np.bool_]]:
    """`_solve` of the frames where all get their best partner, and (frames,) which these are.

    Of the smaller side each takes its best of the other, by a margin that no rounding reaches, and
    no two take the same: then no other assignment has as large a sum.
    """
    frames, rows, columns = weights.shape
    offers = weights if rows <= columns else weights.transpose(0, 2, 1)
    best = offers.argmax(axis=2)
    top = np.sort(offers, axis=2)[..., -2:]
    ordered = np.sort(best, axis=1)
    plain = (ordered[:, 1:] != ordered[:, :-1]).all(axis=1)
    if top.shape[2] > 1:
        plain &= (top[..., 1] - top[..., 0] > _MARGIN).all(axis=1)
    if rows <= columns:
        return best, plain
    chosen = np.full((frames, rows), columns, np.int64)
    np.put_along_axis(chosen, best, np.arange(columns)[None], axis=1)
    return chosen, plain
