"""The part-state net's examples: crops, mirrors, noise, and how often each is drawn."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from partparse import boxes
from partparse.augment import mirror_picture
from partparse.errors import InputError
from partparse.frames.cache import read_frame
from partparse.states.crops import Place, boxes_to_place, cut_place, shake_parts
from partparse.states.part_state.examples import (
    PersonExamples,
    balancing_weights,
    mirror_example,
    noisy_action,
)
from partparse.states.persons import UNKNOWN, PersonParts, annotated_persons
from partparse.vocabulary import PARTS
from tests.samples.part_state import SETTINGS, VOCABULARY, WIDTH, write_persons


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("part_state") / "frames"


@pytest.fixture(scope="module")
def persons(cache: Path) -> PersonParts:
    _, annotations, frames = write_persons(cache)
    return annotated_persons(annotations, frames, VOCABULARY, 1)


def _examples(persons: PersonParts, cache: Path, **changes: Any) -> PersonExamples:
    actions = np.tile(np.array([[1.0, 0.0]], np.float32), (len(persons), 1))
    return PersonExamples(persons, actions, cache, SETTINGS.replace(**changes))


def _bounds(picture: np.ndarray) -> np.ndarray:
    """The box of what is bright."""
    rows, columns = np.nonzero(picture[..., 0] > 127)
    return np.array([columns.min(), rows.min(), columns.max(), rows.max()])


@pytest.mark.parametrize(("size", "frame"), [(96, 80), (40, 320)])
def test_boxes_lie_where_the_crop_shows_them(size: int, frame: int) -> None:
    picture = np.zeros((frame, frame, 3), np.uint8)
    part = (np.array([0.3, 0.2, 0.5, 0.6]) * frame).astype(int)
    cv2.rectangle(picture, part[:2].tolist(), part[2:].tolist(), (255, 255, 255), cv2.FILLED)
    place = Place.about(np.array([0.2, 0.1, 0.6, 0.7]) * frame, 0.2)
    crop = cut_place(picture, place, size)
    assert crop.shape == (size, size, 3)
    assert np.abs(boxes_to_place(part, place, size) - _bounds(crop)).max() <= 1
    beyond = cut_place(picture, Place.about([-50, -50, 10, 10], 0.0), size)
    assert beyond[0, 0].tolist() == [124, 116, 104]  # grey, not black


def test_a_turned_crop_keeps_boxes_about_what_they_hold() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    cv2.rectangle(picture, (70, 28), (75, 33), (255, 255, 255), cv2.FILLED)
    place = replace(Place.about([10, 10, 89, 89], 0.2), turn=20.0)
    seen = _bounds(cut_place(picture, place, 96))
    moved = boxes_to_place([70, 28, 75, 33], place, 96)
    assert (seen[:2] + seen[2:]) / 2 == pytest.approx((moved[:2] + moved[2:]) / 2, abs=1)
    assert not np.allclose(moved, boxes_to_place([70, 28, 75, 33], replace(place, turn=0), 96))


def test_a_mirror_exchanges_sides_and_undoes_itself(persons: PersonParts, cache: Path) -> None:
    plain = _examples(persons, cache)[0, 2]
    mirrored = mirror_example(plain)
    left, right = PARTS.index("left_hand"), PARTS.index("right_hand")
    assert mirrored.states[left] == plain.states[right]
    assert mirrored.boxes[left] == pytest.approx(boxes.mirror(plain.boxes[right], 32), abs=1e-4)
    assert np.isnan(mirrored.boxes[PARTS.index("hip")]).all()
    pairs: Any = zip(plain, mirror_example(mirrored), strict=True)
    for value, again in pairs:
        np.testing.assert_allclose(value, again, atol=1e-4)


def test_a_mirrored_example_is_the_example_of_the_mirrored_frame(
    persons: PersonParts, cache: Path
) -> None:
    mirrored = mirror_example(_examples(persons, cache)[0, 5])
    video, frame = persons.keys.loc[5, ["video", "frame"]]
    picture = mirror_picture(read_frame(cache, video, frame))
    place = Place.about(boxes.mirror(persons.boxes[5], WIDTH), SETTINGS.crop_margin)
    assert np.abs(cut_place(picture, place, 32).astype(int) - mirrored.picture).max() <= 2
    for name, side in (("left_arm", "right_arm"), ("right_foot", "left_foot"), ("head", "head")):
        own = boxes.mirror(persons.part_boxes[5, PARTS.index(side)], WIDTH)
        box = mirrored.boxes[PARTS.index(name)]
        assert box == pytest.approx(boxes_to_place(own, place, 32), abs=1e-3)


def test_the_same_epoch_and_person_give_the_same_example(persons: PersonParts, cache: Path) -> None:
    shaken = {"mirror": 0.5, "colour": 0.3, "rotate": 9.0, "shift": 0.1, "zoom": 0.2}
    shaken |= {"part_shift": 0.2, "part_scale": 0.2, "part_drop": 0.3, "action_noise": 0.5}
    one, other = (_examples(persons, cache, **shaken) for _ in range(2))
    for value, again in zip(one[3, 1], other[3, 1], strict=True):
        np.testing.assert_array_equal(value, again)
    assert not np.array_equal(one[3, 1].picture, one[4, 1].picture)
    for epoch in range(20):
        example = one[epoch, 1]
        missing = np.isnan(example.boxes[:-1]).any(axis=1)
        assert (example.states[missing] == UNKNOWN).all()
        assert np.isfinite(example.boxes[-1]).all()


def test_part_boxes_are_shaken_as_the_settings_say() -> None:
    box = np.tile([10.0, 20.0, 29.0, 59.0], (20_000, 1))
    shaken = shake_parts(box, 0.1, 0.2, 0.25, np.random.default_rng(0))
    found = shaken[np.isfinite(shaken).all(axis=1)]
    assert len(found) / len(box) == pytest.approx(0.75, abs=0.02)
    sides = found[:, 2:] - found[:, :2] + 1
    assert np.log(sides / (20, 40)).std(axis=0) == pytest.approx([0.2, 0.2], rel=0.05)
    moves = (found[:, :2] + found[:, 2:]) / 2 - (19.5, 39.5)
    assert moves.std(axis=0) == pytest.approx([2, 4], rel=0.05)


def test_noise_leaves_the_true_action_its_share() -> None:
    rng = np.random.default_rng(0)
    action = np.eye(4)[2]
    drawn = np.stack([noisy_action(action, 0.4, 0.0, rng) for _ in range(500)])
    assert drawn.sum(axis=1) == pytest.approx(np.ones(500))
    assert drawn[:, 2].min() >= 0.6
    assert drawn[:, 2].min() < 0.7
    assert noisy_action(action, 0.0, 0.0, rng) == pytest.approx(action)
    assert noisy_action(action, 0.0, 1.0, rng) == pytest.approx(np.full(4, 0.25))


def test_persons_are_drawn_by_their_rarest_state() -> None:
    states = np.full((6, 10), UNKNOWN)
    states[:4, 0] = [0, 0, 0, 1]  # the first part: 3 of 4 and 1 of 4
    states[2:5, 3] = [2, 2, 2]  # another part, whose only state is never rare
    assert balancing_weights(states, 3, 1.0) == pytest.approx([4 / 3] * 3 + [4, 1, 0])
    assert balancing_weights(states, 3, 0.5)[3] == pytest.approx(2)
    assert balancing_weights(states, 3, 0.0) == pytest.approx([1] * 5 + [0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"maps": (2, 1)}, "rising"), ({"heads": 3}, "multiple"), ({"balance": 2.0}, "at most 1")],
)
def test_settings_that_do_not_fit_are_refused(changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        SETTINGS.replace(**changes)
