"""Which of the parts found in a frame are whose: what a detector of whole frames leaves open."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from partparse import boxes
from partparse.boxes import Floats, Integers
from partparse.vocabulary import PARTS

NOBODY = -1
_TIE = 1e-3
"""Weight of the IoU beside the containment: of two persons that hold a part, the smaller box."""


def affinity(persons: Floats, found: Floats, containment: float) -> Floats:
    """How well each box (N, 4) of a part fits each person (P, 4): (P, N), 0 where it does not.

    It is the share of the part's box that lies in the person's, with a thousandth of their IoU
    added, which decides between persons that hold all of it.

    Args:
        persons: boxes of persons.
        found: boxes of parts.
        containment: the least share of a part's box within its person's.
    """
    low = np.maximum(persons[:, None, :2], found[None, :, :2])
    high = np.minimum(persons[:, None, 2:], found[None, :, 2:])
    overlap = boxes.area(np.concatenate([low, high], axis=-1))
    inside = overlap / np.maximum(boxes.area(found), 1e-9)
    near = inside + _TIE * boxes.pairwise_iou(persons, found)
    return np.where(inside >= containment, near, 0.0)


def assign_parts(
    persons: Floats,
    person_scores: Floats,
    found: Floats,
    scores: Floats,
    parts: Integers,
    *,
    containment: float,
) -> Integers:
    """The box of each part of each person of a frame.

    For each part, boxes go to persons one to one, so that the sum of person's score x part's
    score x affinity is greatest: neither does the better of two overlapping persons take what the
    other needs, nor a doubtful second box about a person what the first needs. A person that is
    left without a part, as such a second box, then shares the best of the boxes that fit it.

    Args:
        persons: (P, 4).
        person_scores: (P,).
        found: (N, 4) boxes of parts.
        scores: (N,), of these.
        parts: (N,) indices into PARTS.
        containment: the least share of a part's box within its person's.

    Returns:
        (P, 10): index of a box among N; NOBODY's -1 where no box of the part fits the person.
    """
    chosen = np.full((len(persons), len(PARTS)), NOBODY, np.int64)
    if not len(persons) or not len(found):
        return chosen
    worth = affinity(persons, found, containment) * scores
    for part in np.unique(parts):
        own = np.flatnonzero(parts == part)
        weights = worth[:, own]
        rows, columns = linear_sum_assignment(
            weights * np.asarray(person_scores)[:, None], maximize=True
        )
        column = weights.argmax(axis=1)
        fits = weights[rows, columns] > 0
        column[rows[fits]] = columns[fits]
        held = weights[np.arange(len(persons)), column] > 0
        chosen[held, part] = own[column[held]]
    return chosen
