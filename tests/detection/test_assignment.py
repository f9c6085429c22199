"""Whose the parts found in a frame are, against trying every assignment."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partparse.detection.assignment import NOBODY, affinity, assign_parts
from partparse.vocabulary import PARTS

HEAD, LEFT_ARM = PARTS.index("head"), PARTS.index("left_arm")
Box = list[float]


def plain_affinity(person: Box, part: Box, containment: float) -> float:
    width = min(person[2], part[2]) - max(person[0], part[0]) + 1
    height = min(person[3], part[3]) - max(person[1], part[1]) + 1
    overlap = max(width, 0) * max(height, 0)
    areas = [(b[2] - b[0] + 1) * (b[3] - b[1] + 1) for b in (person, part)]
    inside = overlap / areas[1]
    return inside + 1e-3 * overlap / (sum(areas) - overlap) if inside >= containment else 0.0


def best_sum(worth: list[list[float]]) -> float:
    """The largest sum of one-to-one pairs, by trying all."""
    rows, columns = len(worth), len(worth[0])
    padded = [row + [0.0] * rows for row in worth]
    return max(
        sum(padded[row][column] for row, column in enumerate(order))
        for order in permutations(range(columns + rows), rows)
    )


def random_boxes(rng: np.random.Generator, count: int, largest: int) -> np.ndarray:
    corner = rng.integers(0, 30, (count, 2))
    return np.concatenate([corner, corner + rng.integers(1, largest, (count, 2))], 1).astype(float)


@given(seed=st.integers(0, 2**32 - 1))
def test_each_part_is_assigned_as_well_as_can_be(seed: int) -> None:
    rng = np.random.default_rng(seed)
    persons, found = random_boxes(rng, 3, 40), random_boxes(rng, 5, 12)
    person_scores, scores = rng.uniform(0.1, 1, 3), rng.uniform(0.1, 1, 5)
    parts = rng.choice([HEAD, LEFT_ARM], 5)
    chosen = assign_parts(persons, person_scores, found, scores, parts, containment=0.4)
    assert chosen.shape == (3, len(PARTS))
    for part in (HEAD, LEFT_ARM):
        own = np.flatnonzero(parts == part)
        if not len(own):
            assert (chosen[:, part] == NOBODY).all()
            continue
        fits = [[plain_affinity(p, found[n], 0.4) * scores[n] for n in own] for p in persons]
        for row, box in zip(fits, chosen[:, part], strict=True):
            assert (box == NOBODY) == (max(row) == 0)
            assert box == NOBODY or (box in own and row[own.tolist().index(box)] > 0)
        worth = [
            [weight * score for weight in row]
            for row, score in zip(fits, person_scores, strict=True)
        ]
        # who shares a box came second: its owner is the one whose share in the sum is larger
        reached = 0.0
        for box in set(chosen[:, part]) - {NOBODY}:
            column = own.tolist().index(box)
            reached += max(worth[p][column] for p in np.flatnonzero(chosen[:, part] == box))
        assert reached >= best_sum(worth) - 1e-9


def test_two_persons_that_overlap_get_an_arm_each() -> None:
    persons = np.array([[0.0, 0, 49, 99], [30, 0, 79, 99]])
    arms = np.array([[32.0, 30, 45, 60], [60, 30, 75, 60]])
    # the better arm is in both persons, and the second person is the surer one
    chosen = assign_parts(
        persons,
        np.array([0.8, 0.9]),
        arms,
        np.array([0.9, 0.7]),
        np.array([LEFT_ARM] * 2),
        containment=0.5,
    )
    assert chosen[:, LEFT_ARM].tolist() == [0, 1]
    assert (np.delete(chosen, LEFT_ARM, axis=1) == NOBODY).all()


def test_a_second_box_about_a_person_takes_nothing_away_and_shares() -> None:
    persons = np.array([[0.0, 0, 49, 99], [2, 1, 51, 98]])
    heads = np.array([[10.0, 5, 25, 20], [30, 5, 40, 15]])
    for scores, second in ([0.9, 0.05], 1), ([0.9], 0):
        chosen = assign_parts(
            persons,
            np.array([0.9, 0.2]),
            heads[: len(scores)],
            np.array(scores),
            np.array([HEAD] * len(scores)),
            containment=0.5,
        )
        assert chosen[:, HEAD].tolist() == [0, second]


def test_of_two_persons_that_hold_a_part_the_smaller_is_nearer() -> None:
    persons = np.array([[0.0, 0, 99, 99], [10, 10, 49, 89]])
    near = affinity(persons, np.array([[20.0, 20, 29, 29], [60, 60, 69, 69]]), 0.5)
    assert near[1, 0] > near[0, 0] > 1
    assert near[1, 1] == 0


@pytest.mark.parametrize(("persons", "found"), [(0, 3), (2, 0), (0, 0)])
def test_nobody_and_nothing(persons: int, found: int) -> None:
    chosen = assign_parts(
        np.zeros((persons, 4)),
        np.zeros(persons),
        np.zeros((found, 4)),
        np.zeros(found),
        np.zeros(found, int),
        containment=0.5,
    )
    assert chosen.shape == (persons, len(PARTS))
    assert (chosen == NOBODY).all()
