"""Mirrored pictures and labels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from partparse.augment import (
    View,
    mirror_classes,
    mirror_keypoints,
    mirror_labels,
    mirror_picture,
    view_picture,
)
from partparse.vocabulary import KEYPOINTS, PARTS


@given(seed=st.integers(0, 2**32 - 1), width=st.integers(1, 2000))
def test_flipping_twice_changes_nothing(seed: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (3, min(width, 50), 3), np.uint8)
    keypoints = rng.integers(0, width, (2, 17, 3)).astype(float)
    keypoints[0, rng.integers(17)] = np.nan
    low = rng.integers(0, width, (5, 4)).astype(float)
    box = np.concatenate(
        [np.minimum(low[:, :2], low[:, 2:]), np.maximum(low[:, :2], low[:, 2:])], 1
    )
    classes = rng.integers(0, len(PARTS), 5)

    np.testing.assert_array_equal(mirror_picture(mirror_picture(picture)), picture)
    twice = mirror_keypoints(mirror_keypoints(keypoints, width), width)
    np.testing.assert_array_equal(twice, keypoints)
    again, names = mirror_labels(*mirror_labels(box, classes, PARTS, width), PARTS, width)
    np.testing.assert_array_equal(again, box)
    np.testing.assert_array_equal(names, classes)


def test_left_and_right_change_places() -> None:
    classes = [PARTS.index(name) for name in ("left_hand", "right_foot", "head", "hip")]
    mirrored = [PARTS[index] for index in mirror_classes(classes, PARTS)]
    assert mirrored == ["right_hand", "left_foot", "head", "hip"]

    keypoints = np.zeros((17, 3))
    keypoints[KEYPOINTS.index("left_wrist")] = 2, 5, 0.7
    mirrored_points = mirror_keypoints(keypoints, 10)
    np.testing.assert_allclose(mirrored_points[KEYPOINTS.index("right_wrist")], [7, 5, 0.7])
    assert mirrored_points[KEYPOINTS.index("left_wrist"), 2] == 0


def test_what_lies_under_a_keypoint_stays_under_it() -> None:
    picture = np.zeros((4, 9, 3), np.uint8)
    picture[2, 1] = 255
    keypoints = np.full((17, 2), np.nan)
    keypoints[KEYPOINTS.index("left_ankle")] = 1, 2
    x, y = mirror_keypoints(keypoints, 9)[KEYPOINTS.index("right_ankle")].astype(int)
    assert (mirror_picture(picture)[y, x] == 255).all()


def test_a_class_without_a_side_among_names_with_one() -> None:
    assert mirror_classes([0], ["person"]).tolist() == [0]
    assert mirror_classes(np.zeros(0, int), PARTS).shape == (0,)


def test_colours_of_a_view() -> None:
    red = np.zeros((2, 3, 3), np.uint8)
    red[..., 0] = 200
    assert view_picture(red, View()) is red
    green = view_picture(red, View(hue=1 / 3))
    np.testing.assert_array_equal(green[0, 0], [0, 200, 0])
    np.testing.assert_array_equal(view_picture(red, View(brightness=0.5))[0, 0], [100, 0, 0])
    np.testing.assert_array_equal(view_picture(red, View(brightness=2.0))[0, 0], [255, 0, 0])
    np.testing.assert_array_equal(view_picture(red, View(saturation=0.0))[0, 0], [200, 200, 200])
    assert (red[..., 0] == 200).all()


def test_a_mirrored_view() -> None:
    picture = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    np.testing.assert_array_equal(view_picture(picture, View(mirrored=True)), picture[:, ::-1])
