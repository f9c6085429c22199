import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from partparse import boxes

SIZE = 200


@st.composite
def some_boxes(draw: st.DrawFn, count: int = 4) -> np.ndarray:
    """(count, 4) boxes inside a picture of SIZE x SIZE."""
    corner = st.integers(0, SIZE - 1)
    points = draw(arrays(np.int64, (count, 2, 2), elements=corner))
    return np.sort(points, axis=1).reshape(count, 4).astype(float)


@given(some_boxes(), some_boxes())
@settings(deadline=None)
def test_iou_is_symmetric_bounded_and_counts_pixels(a: np.ndarray, b: np.ndarray) -> None:
    iou = boxes.pairwise_iou(a, b)
    assert iou == pytest.approx(boxes.pairwise_iou(b, a).T)
    assert ((iou >= 0) & (iou <= 1)).all()
    assert np.diag(iou) == pytest.approx(boxes.paired_iou(a, b))
    assert boxes.paired_iou(a, a) == pytest.approx(np.ones(len(a)))
    canvas = np.zeros((2, SIZE, SIZE), bool)
    for picture, (x1, y1, x2, y2) in zip(canvas, (a[0], b[0]), strict=True):
        picture[int(y1) : int(y2) + 1, int(x1) : int(x2) + 1] = True
    assert iou[0, 0] == pytest.approx((canvas[0] & canvas[1]).sum() / canvas.any(0).sum())
    assert boxes.area(a)[0] == canvas[0].sum()


def test_iou_by_hand() -> None:
    a = [[0, 0, 9, 9]]
    b = [[0, 0, 4, 9], [10, 0, 19, 9], [9, 9, 18, 18]]
    # a neighbour shares no pixel; the last one shares a corner's
    assert boxes.pairwise_iou(a, b).tolist() == [[0.5, 0, 1 / 199]]
    assert boxes.pairwise_iou(a, b, np.float32).dtype == np.float32
    assert boxes.pairwise_iou(a, np.zeros((0, 4))).shape == (1, 0)


def test_degenerate_boxes_overlap_nothing() -> None:
    assert boxes.area(np.array([5.0, 5, 2, 9])) == 0
    assert boxes.paired_iou([5, 5, 2, 9], [0, 0, 99, 99]) == 0
    assert boxes.paired_iou([5, 5, 2, 2], [5, 5, 2, 2]) == 0


@given(some_boxes(), st.integers(1, SIZE), st.integers(1, SIZE))
@settings(deadline=None)
def test_clip_stays_inside_and_is_idempotent(a: np.ndarray, width: int, height: int) -> None:
    clipped = boxes.clip(a, (width, height))
    assert (clipped[:, [0, 2]] <= width - 1).all()
    assert (clipped[:, [1, 3]] <= height - 1).all()
    assert (clipped >= 0).all()
    assert (boxes.clip(clipped, (width, height)) == clipped).all()


@given(some_boxes(), st.floats(0.1, 4))
@settings(deadline=None)
def test_enlarge_scales_about_the_centre(a: np.ndarray, factor: float) -> None:
    larger = boxes.enlarge(a, factor)
    assert boxes.area(larger) == pytest.approx(boxes.area(a) * factor**2)
    assert larger[:, :2] + larger[:, 2:] == pytest.approx(a[:, :2] + a[:, 2:])
    assert boxes.enlarge(a, 1) == pytest.approx(a)


@given(some_boxes())
@settings(deadline=None)
def test_mirror_twice_is_nothing(a: np.ndarray) -> None:
    mirrored = boxes.mirror(a, SIZE)
    assert boxes.mirror(mirrored, SIZE) == pytest.approx(a)
    assert boxes.area(mirrored) == pytest.approx(boxes.area(a))
    assert boxes.pairwise_iou(mirrored, mirrored) == pytest.approx(boxes.pairwise_iou(a, a))


@given(
    some_boxes(),
    arrays(float, (4, 5, 2), elements=st.floats(-50, SIZE + 50)),
    arrays(bool, (4, 5)),
)
@settings(deadline=None)
def test_enclose_holds_box_and_kept_points(
    a: np.ndarray, points: np.ndarray, keep: np.ndarray
) -> None:
    grown = boxes.enclose_points(a, points, keep)
    assert (grown[:, :2] <= a[:, :2]).all()
    assert (grown[:, 2:] >= a[:, 2:]).all()
    inside = (points >= grown[:, None, :2]) & (points <= grown[:, None, 2:])
    assert inside[keep].all()
    untouched = ~keep.any(axis=1)
    assert (grown[untouched] == a[untouched]).all()


def test_rounding_survives_text() -> None:
    values = np.array([[10.04, 10.06, -0.35, 1e6 + 0.25]], np.float32)
    rounded = boxes.round_pixels(values)
    assert rounded[0, :2].tolist() == [10.0, 10.1]
    assert [float(repr(v)) for v in rounded[0].tolist()] == rounded[0].tolist()
    assert (boxes.round_pixels(rounded) == rounded).all()
