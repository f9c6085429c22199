"""Boxes and persons that tracks and keypoints add, on cases by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.decision.evidence import FILLED
from partparse.decision.geometry import Geometry, fit_geometry
from partparse.decision.hypotheses import add_geometry, add_neighbours, fill_gaps
from partparse.tables import BOX
from partparse.vocabulary import PARTS, PERSON
from tests.samples.decision import box_at, evidence_of, persons_table

TRACK = [("a", 1, 1, box_at(0), 0.9, 7), ("a", 16, 1, box_at(30), 0.6, 7)]


def test_a_missing_person_is_added_between_its_neighbours():
    other = ("a", 6, 1, box_at(500), 0.8)
    full = fill_gaps(evidence_of(persons_table([*TRACK, other])), 5)
    assert full.persons["frame"].tolist() == [1, 6, 6, 11, 16]
    assert full.persons["person"].tolist() == [1, 1, 2, 1, 1]
    assert full.persons["track"].tolist() == [7, -1, 7, 7, 7]
    added = full.origin == FILLED
    assert added.tolist() == [False, False, True, True, False]
    np.testing.assert_allclose(full.person_boxes[0, added], [box_at(10), box_at(20)])
    np.testing.assert_allclose(full.persons.loc[added, BOX], [box_at(10), box_at(20)])
    np.testing.assert_allclose(full.person_scores[0, added], 0.6)
    assert np.isnan(full.part_boxes[:, added]).all()
    assert all(np.isnan(part[:, added]).all() for part in full.states)
    assert not np.isnan(full.part_boxes[:, ~added]).any()
    assert full.persons.index.tolist() == list(range(5))
    assert full.video.tolist() == [0] * 5


def test_a_person_that_the_tracker_left_out_joins_the_track():
    there = ("a", 6, 1, box_at(12), 0.8)
    full = fill_gaps(evidence_of(persons_table([*TRACK, there])), 5)
    assert full.persons["track"].tolist() == [7, 7, 7, 7]
    assert full.origin.tolist() == [0, 0, FILLED, 0]
    np.testing.assert_allclose(full.person_boxes[0, 1], box_at(12))


def test_a_person_of_another_track_is_not_taken():
    there = [("a", frame, 1, box_at(12), 0.8, 8) for frame in (6, 11)]
    full = fill_gaps(evidence_of(persons_table([*TRACK, *there])), 5)
    assert (full.origin == FILLED).sum() == 2
    assert full.persons["track"].tolist() == [7, 8, 7, 8, 7, 7]


def test_tracks_without_gaps_and_persons_without_tracks_stay_as_they_are():
    evidence = evidence_of(
        persons_table([(*TRACK[0],), ("a", 6, 1, box_at(9), 0.9, 7), ("a", 31, 1, box_at(9))])
    )
    assert fill_gaps(evidence, 5) is evidence


def with_parts(evidence):
    """The head is the upper quarter of the person's box, shifted to the right."""
    box = evidence.person_boxes[0]
    sides = box[:, 2:] - box[:, :2] + 1
    low = box[:, :2] + sides * [0.5, 0]
    evidence.part_boxes[0, :, 0] = np.concatenate([low, low + sides * [0.5, 0.25] - 1], axis=1)
    return evidence


def test_neighbours_carry_their_parts_with_the_persons_box():
    rows = [
        ("a", 1, 1, box_at(0), 0.9, 7),
        ("a", 6, 1, box_at(100, 40, 100, 200), 0.8, 7),
        ("a", 16, 1, box_at(30), 0.6, 7),
        ("a", 16, 2, box_at(300), 0.6),
    ]
    evidence = with_parts(evidence_of(persons_table(rows)))
    evidence.part_scores[0, :, 0] = [0.1, 0.2, 0.3, 0.4]
    full = add_neighbours(evidence, 5)
    assert full.part_boxes.shape[0] == 3
    own, before, after = full.part_boxes[:, :, 0]
    assert np.isnan(before[0]).all()
    np.testing.assert_allclose(before[1:3], own[1:3])
    np.testing.assert_allclose(after[:2], own[:2])
    assert np.isnan(after[2:]).all()
    assert np.isnan(before[3]).all()
    np.testing.assert_array_equal(
        full.part_scores[1:, :, 0].T, [[np.nan, 0.2], [0.1, 0.3], [0.2, np.nan], [np.nan, np.nan]]
    )


def test_the_persons_own_neighbours_say_where_it_is_between_them():
    rows = [
        ("a", 1, 1, box_at(0), 0.9, 7),
        ("a", 6, 1, box_at(400), 0.5, 7),
        ("a", 16, 1, box_at(30), 0.6, 7),
    ]
    full = add_neighbours(evidence_of(persons_table(rows)), 5)
    assert full.person_boxes.shape == (2, 3, 4)
    np.testing.assert_allclose(full.person_boxes[1, 1], box_at(10))
    assert full.person_scores[1, 1] == pytest.approx(0.6)
    assert np.isnan(full.person_boxes[1, [0, 2]]).all()


def test_a_filled_person_is_no_neighbour_but_has_some():
    evidence = with_parts(evidence_of(persons_table(TRACK)))
    full = add_neighbours(fill_gaps(evidence, 5), 5)
    assert full.origin.tolist() == [0, FILLED, FILLED, 0]
    np.testing.assert_allclose(
        full.part_boxes[1, 1:3, 0], [box_at(35, 0, 25, 25), box_at(45, 0, 25, 25)]
    )
    np.testing.assert_allclose(full.part_boxes[2, 1:3, 0], full.part_boxes[1, 1:3, 0])
    np.testing.assert_allclose(full.part_boxes[2, 0, 0], full.part_boxes[0, 0, 0])


def test_small_parts_of_a_shrinking_person_are_still_boxes():
    rows = [("a", 1, 1, box_at(0), 0.9, 7), ("a", 6, 1, box_at(0, 0, 5, 10), 0.9, 7)]
    evidence = evidence_of(persons_table(rows))
    evidence.part_boxes[0, 0, 0] = [3, 3, 3, 3]
    carried = add_neighbours(evidence, 5).part_boxes[1, 1, 0]
    assert (carried[2:] >= carried[:2]).all()


def poses(rng, count, scale=1.0):
    """Keypoints (count, 17, 3) about places of different sizes."""
    size = rng.uniform(20, 60, (count, 1, 1)) * scale
    points = rng.normal(0, 1, (count, 17, 2)) * size + rng.uniform(100, 900, (count, 1, 2))
    return np.concatenate([points, rng.uniform(0.5, 1, (count, 17, 1))], axis=2)


def boxes_about(points):
    """A box about the nose, as large as the pose is wide, for the head and the hip."""
    weight = points[..., 2:] / points[..., 2:].sum(axis=1, keepdims=True)
    centre = (points[..., :2] * weight).sum(axis=1, keepdims=True)
    size = np.sqrt((((points[..., :2] - centre) ** 2) * weight).sum(axis=(1, 2)))[:, None]
    half = (size * [0.6, 0.9] - 1) / 2
    return np.concatenate([points[:, 0, :2] - half, points[:, 0, :2] + half], axis=1)


@pytest.fixture(scope="module")
def geometry():
    points = poses(np.random.default_rng(0), 600)
    keys = pd.DataFrame({"video": "a", "frame": np.arange(600) * 5 + 1, "person": 1})
    keypoints = tables.KEYPOINT_TABLE.validate(tables.unpack_keypoints(keys, points))
    rows = [keys.assign(part=part, state="none") for part in (PERSON, "head", "hip")]
    rows = [table.assign(**dict(zip(BOX, boxes_about(points).T, strict=True))) for table in rows]
    rows.append(rows[1].iloc[:20].assign(part="left_foot"))
    annotations = tables.ANNOTATIONS.validate(pd.concat(rows, ignore_index=True))
    return fit_geometry(annotations, keypoints.sample(frac=1, random_state=0))


def test_a_linear_layout_is_found_again(geometry):
    points = poses(np.random.default_rng(1), 50)
    found = geometry.predict(points)
    np.testing.assert_allclose(found[:, PARTS.index("hip")], boxes_about(points), atol=1.5)
    np.testing.assert_allclose(found[:, PARTS.index("head")], found[:, PARTS.index("hip")])


def test_rare_parts_and_persons_without_keypoints_have_no_box(geometry):
    points = poses(np.random.default_rng(2), 3)
    points[1] = np.nan
    found = geometry.predict(points)
    assert np.isnan(found[:, PARTS.index("left_foot")]).all()
    assert np.isnan(found[1]).all()
    assert np.isfinite(found[[0, 2], 0]).all()


def test_the_boxes_move_and_grow_with_the_keypoints(geometry):
    points = poses(np.random.default_rng(3), 20)
    moved = points.copy()
    moved[..., :2] = moved[..., :2] * 1.7 + [30, -200]
    before, after = geometry.predict(points)[:, 0], geometry.predict(moved)[:, 0]
    # corners are inclusive, so that it is the borders that scale
    low, high = before[:, :2] - 0.5, before[:, 2:] + 0.5
    np.testing.assert_allclose(after[:, :2] - 0.5, low * 1.7 + [30, -200])
    np.testing.assert_allclose(after[:, 2:] + 0.5, high * 1.7 + [30, -200])


def test_boxes_out_of_odd_poses_are_still_boxes(geometry):
    wild = Geometry(geometry.maps * [1, 1, 40, 40])
    points = poses(np.random.default_rng(4), 20, scale=0.1)
    found = wild.predict(points)[:, 0]
    assert (found[:, 2:] >= found[:, :2]).all()


def test_geometry_is_one_more_hypothesis(geometry):
    evidence = evidence_of(persons_table(TRACK))
    points = poses(np.random.default_rng(5), 2)
    points[0] = np.nan
    full = add_geometry(replace(evidence, keypoints=points), geometry)
    assert full.part_boxes.shape == (2, 2, 10, 4)
    np.testing.assert_allclose(full.part_boxes[1, 1, 0], geometry.predict(points)[1, 0])
    assert np.isnan(full.part_boxes[1, 0]).all()
    np.testing.assert_array_equal(np.isnan(full.part_scores), np.isnan(full.part_boxes[..., 0]))
    assert np.nanmin(full.part_scores) >= 0 and np.nanmax(full.part_scores) <= 1
