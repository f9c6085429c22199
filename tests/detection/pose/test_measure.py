"""PCK and OKS-AP against figures worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.detection.measure import COLUMNS
from partparse.detection.pose.measure import measure_pose, oks_ap, pck_hits
from partparse.vocabulary import KEYPOINTS, PERSON


def table(rows: list[tuple[str, int, int, tuple[float, float, float, float]]]) -> pd.DataFrame:
    keys = pd.DataFrame([row[:3] for row in rows], columns=["video", "frame", "person"])
    return keys.assign(**dict(zip(tables.BOX, np.array([row[3] for row in rows]).T, strict=True)))


def annotated(rows: list[tuple[str, int, int, tuple[float, float, float, float]]]) -> pd.DataFrame:
    return tables.ANNOTATIONS.validate(table(rows).assign(part=PERSON, state=None))


def detected(rows: list[tuple[str, int, int, tuple[float, float, float, float]]]) -> pd.DataFrame:
    return tables.PERSONS.validate(table(rows).assign(score=0.5, track=-1))


def values(measured: pd.DataFrame) -> dict[tuple[str, str], tuple[float, int]]:
    rows = measured[["part", "measure", "value", "count"]].itertuples(index=False)
    return {(part, measure): (value, count) for part, measure, value, count in rows}


def test_pck_allows_a_tenth_of_the_larger_side() -> None:
    true = np.zeros((1, 17, 3))
    predicted = true.copy()
    predicted[0, 0, 0] = 20  # the box is 200 pixels high
    predicted[0, 1, :2] = 12, 16.1  # 20.08 away
    hits = pck_hits(true, predicted, np.array([[0, 0, 49, 199.0]]))
    assert hits[0, 0]
    assert not hits[0, 1]
    assert hits[0, 2:].all()


def test_oks_ap_of_persons_at_a_known_similarity() -> None:
    box = np.array([[0, 0, 99, 99.0], [0, 0, 99, 99]])
    true = np.zeros((2, 17, 3))
    true[..., :2] = 50
    true[:, 0, 2] = 1  # the nose alone is labelled
    predicted = true.copy()
    # OKS = exp(-d² / (2 area (2 sigma)²)), sigma of the nose .026, area .53 of the box
    wanted = 0.72
    distance = np.sqrt(-np.log(wanted) * 2 * 0.53 * 100 * 100 * (2 * 0.026) ** 2)
    predicted[0, 0, 0] += distance
    predicted[1, 0, 0] += distance
    predicted[..., 2] = 0.9
    ap, ap50 = oks_ap(true, box, predicted, np.array([0.9, 0.8]), np.array([0, 1]))
    assert ap == pytest.approx(0.5)  # right at .50 .55 .60 .65 .70, wrong at the other five
    assert ap50 == pytest.approx(1.0)


def test_measures_look_at_found_persons_on_scored_frames() -> None:
    box, elsewhere = (0.0, 0.0, 99.0, 99.0), (200.0, 0.0, 299.0, 99.0)
    annotations = annotated(
        [("a", 1, 1, box), ("a", 1, 2, elsewhere), ("a", 2, 1, box), ("b", 6, 1, box)]
    )
    persons = detected([("a", 1, 1, elsewhere), ("a", 1, 2, box), ("a", 2, 1, box)])
    points = np.full((4, 17, 3), [50, 50, 1.0])
    points[0, 1, 2] = 0.1  # a guess, whatever is predicted
    truth = tables.unpack_keypoints(annotations, points)
    guessed = np.full((3, 17, 3), [50, 50, 0.8])
    guessed[1, :2, 0] = 61  # nose and left eye of person 1 in frame 1
    guessed[2] = 0  # frame 2 is not scored
    keypoints = tables.unpack_keypoints(persons, guessed)
    found = values(measure_pose(truth, annotations, persons, keypoints, 5))
    assert found["all", "found"] == (pytest.approx(2 / 3), 3)
    assert found["all", "PCK@0.1"] == (pytest.approx(32 / 33), 33)
    assert found["nose", "PCK@0.1"] == (pytest.approx(1 / 2), 2)
    assert found["left_eye", "PCK@0.1"] == (pytest.approx(1.0), 1)
    assert found["all", "AP50"] == (pytest.approx(1.0), 2)
    assert {name for name, _ in found} == {"all", *KEYPOINTS}


def test_without_keypoints_or_persons_nothing_is_measured() -> None:
    annotations = annotated([("a", 1, 1, (0.0, 0.0, 9.0, 9.0))])
    none = tables.empty(tables.KEYPOINT_TABLE)
    persons = tables.empty(tables.PERSONS)
    measured = measure_pose(none, annotations, persons, none, 5)
    assert list(measured.columns) == list(COLUMNS)
    assert measured.empty
    truth = tables.unpack_keypoints(annotations, np.ones((1, 17, 3)))
    assert values(measure_pose(truth, annotations, persons, none, 5)) == {
        ("all", "found"): (0.0, 1)
    }
