"""Views of clips: pictures, boxes and flow go through the same map."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from partparse.frames.flow import quantise, restore
from partparse.recognition.views import ClipView, random_view

HEIGHT, WIDTH, SIDE, BOUND = 90, 130, 64, 20.0


def draw(seed: int, rotate: float = 10, scale: tuple[float, float] = (0.6, 1.0)) -> ClipView:
    return random_view((HEIGHT, WIDTH), SIDE, scale, rotate, np.random.default_rng(seed))


def painted(box: tuple[int, int, int, int]) -> np.ndarray:
    """A clip of one frame (1, H, W, 3) with a white box."""
    clip = np.zeros((1, HEIGHT, WIDTH, 3), np.uint8)
    clip[0, box[1] : box[3] + 1, box[0] : box[2] + 1] = 255
    return clip


@given(st.integers(0, 10**6), st.booleans())
def test_a_painted_box_is_seen_where_its_mapped_box_is(seed: int, mirrored: bool) -> None:
    view = replace(draw(seed), mirrored=mirrored)
    box = (56, 38, 72, 50)
    mapped = view.boxes([box])[0]
    assume(mapped.min() >= 0 and mapped.max() <= SIDE - 1)
    rows, columns = np.nonzero(view.picture(painted(box))[0, ..., 0] > 127)
    found = (columns.min(), rows.min(), columns.max(), rows.max())
    assert found == pytest.approx(mapped, abs=1.6)


@given(st.integers(0, 10**6))
def test_without_rotation_a_view_is_the_resized_crop(seed: int) -> None:
    view = draw(seed, rotate=0)
    zoom = view.affine[0, 0]
    assert view.affine[:, :2] == pytest.approx(np.eye(2) * zoom)
    whole = view.boxes([[0, 0, WIDTH - 1, HEIGHT - 1]])[0]
    assert np.all(whole[:2] <= 1e-9)  # nothing beyond the frame is seen
    assert np.all(whole[2:] >= SIDE - 1 - 1e-9)
    assert zoom == pytest.approx(view.zoom * SIDE / HEIGHT)


def test_the_largest_square_is_what_opencv_crops_and_resizes() -> None:
    rng = np.random.default_rng(0)
    clip = cv2.GaussianBlur(rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8), (0, 0), 2)[None]
    view = random_view((SIDE, SIDE), SIDE // 2, (1.0, 1.0), 0, rng)
    expected = cv2.resize(clip[0], (SIDE // 2, SIDE // 2), interpolation=cv2.INTER_LINEAR)
    assert np.abs(view.picture(clip)[0].astype(int) - expected).max() <= 2


def test_views_turn_both_ways_and_vary_in_scale() -> None:
    views = [draw(seed) for seed in range(200)]
    angles = np.rad2deg([np.arctan2(view.affine[1, 0], view.affine[0, 0]) for view in views])
    zooms = np.array([view.zoom for view in views])
    assert angles.min() < -8 < 8 < angles.max()
    assert np.abs(angles).max() <= 10
    assert zooms.min() == pytest.approx(1, abs=0.05)
    assert zooms.max() == pytest.approx(1 / 0.6, abs=0.05)


@given(st.integers(0, 10**6), st.sampled_from([0.0, 10.0, 45.0]))
def test_no_border_is_black(seed: int, rotate: float) -> None:
    white = np.full((2, HEIGHT, WIDTH, 3), 255, np.uint8)
    assert draw(seed, rotate).picture(white).min() == 255


def test_all_frames_are_seen_alike() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    seen = draw(3).picture(np.stack([frame] * 3))
    assert seen.shape == (3, SIDE, SIDE, 3)
    assert np.array_equal(seen[0], seen[1])
    assert np.array_equal(seen[0], seen[2])


@given(st.integers(0, 10**6), st.sampled_from([2, 3]))
def test_the_mirrored_view_is_the_mirror_of_the_view(seed: int, channels: int) -> None:
    clip = np.random.default_rng(seed).integers(1, 256, (2, HEIGHT, WIDTH, channels), np.uint8)
    view = draw(seed)
    straight, mirrored = view.picture(clip), replace(view, mirrored=True).picture(clip)
    expected = straight[:, :, ::-1].astype(int)
    if channels == 2:
        expected = np.stack([256 - expected[..., 0], expected[..., 1]], axis=-1)
    assert np.array_equal(mirrored, expected)


def test_flow_turns_and_grows_with_the_picture() -> None:
    """The flow of two dots' move, seen by a view, is the move of the dots that the view sees."""
    start, move = np.array([60.0, 45.0]), np.array([4.0, -2.0])
    flow = np.broadcast_to(move, (1, HEIGHT, WIDTH, 2))
    for seed in range(20):
        view = replace(draw(seed, rotate=60), mirrored=seed % 2 == 1)
        found = restore(view.picture(quantise(flow, BOUND)), BOUND)
        before, after = (view.affine @ [*point, 1] for point in (start, start + move))
        # flow is in pixels of the largest square, not of what the network sees
        expected = (after - before) * HEIGHT / SIDE
        assert found == pytest.approx(np.broadcast_to(expected, found.shape), abs=0.25)


def test_flow_at_the_bound_stays_within_its_levels() -> None:
    levels = quantise(np.full((1, HEIGHT, WIDTH, 2), -BOUND), BOUND)
    seen = replace(draw(5, rotate=45), mirrored=True).picture(levels)
    assert seen.min() >= 1


def test_a_box_that_is_not_there_stays_so() -> None:
    assert np.isnan(draw(0).boxes([[np.nan] * 4])).all()
    assert draw(0).boxes(np.empty((0, 4))).shape == (0, 4)
