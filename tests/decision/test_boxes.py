"""One box of many hypotheses, and the chances that it hits."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logit

from partparse.boxes import enlarge, paired_iou
from partparse.decision.box_fusion import (
    ERRORS,
    BoxFusion,
    Hypotheses,
    expected_hits,
    fit_fusions,
    fuse,
    reliabilities,
    weighted_mean,
    weighted_median,
)
from partparse.decision.boxes import decide_boxes, fit_boxes
from partparse.decision.chances import fit_logistic, shadow
from partparse.decision.evidence import video_halves
from partparse.decision.labels import Labels
from partparse.decision.settings import FUSIONS
from partparse.vocabulary import PARTS
from tests.samples.decision import box_at, boxes_of, evidence_of, persons_table

NONE = [np.nan] * 4


def hypotheses(boxes, scores=None):
    """Of one slot of one person."""
    boxes = np.array(boxes, float)[:, None, None]
    scores = np.full(len(boxes), 0.5) if scores is None else np.array(scores, float)
    scores = np.where(np.isfinite(boxes[:, 0, 0, 0]), scores, np.nan)
    return Hypotheses(boxes, scores[:, None, None])


def model_of(sources, threshold=0.5, spread=0.02):
    """Sources that are as reliable as their scores say, with small errors."""
    reliability = np.tile([1.0, 0.0, 0.0], (sources, 1))
    errors = np.random.default_rng(0).normal(0, spread, (sources, 1, ERRORS, 4))
    return BoxFusion(threshold, reliability, errors, np.ones(1))


def test_the_first_source_that_has_a_box_is_taken_where_none_are_fused():
    boxes = np.array([[box_at(1), NONE], [box_at(2), box_at(3)], [box_at(4), NONE]])[:, :, None]
    given = Hypotheses(boxes, np.where(np.isfinite(boxes[..., 0]), 0.5, np.nan))
    emitted = fuse(model_of(3), given, "first").boxes
    np.testing.assert_allclose(emitted[:, 0], [box_at(1), box_at(3)])


@pytest.mark.parametrize("how", FUSIONS)
def test_a_source_without_a_box_changes_nothing(how):
    boxes = np.array([[box_at(1), box_at(3)], [box_at(4), NONE]])[:, :, None]
    both = Hypotheses(boxes, np.where(np.isfinite(boxes[..., 0]), 0.5, np.nan))
    silent = np.full_like(boxes[:1], np.nan)
    more = Hypotheses(
        np.concatenate([both.boxes, silent]), np.concatenate([both.scores, silent[..., 0]])
    )
    truth, weights = np.array([box_at(2), box_at(3)])[:, None], np.ones((2, 1))

    def fitted(of):
        models = fit_fusions(of, truth, weights, threshold=0.5, groups=[[0]], hows=[how], seed=0)
        return fuse(models[how], of, how)

    np.testing.assert_array_equal(fitted(both).boxes, fitted(more).boxes)
    np.testing.assert_array_equal(fitted(both).chance, fitted(more).chance)


def test_the_median_by_hand():
    boxes = np.array([[0, 0, 10, 10], [2, 1, 30, 12], [4, 50, 14, 11], NONE], float)[:, None]
    held = np.array([1.0, 1, 1, 0])[:, None]
    assert weighted_median(boxes, held).tolist() == [[2, 1, 14, 11]]
    assert weighted_median(boxes, np.array([[1.0], [5], [1], [0]])).tolist() == [[2, 1, 30, 12]]


def test_the_weighted_mean_by_hand():
    boxes = np.array([[0, 0, 10, 10], [4, 8, 14, 18], NONE], float)[:, None]
    assert weighted_mean(boxes, np.array([[0.75], [0.25], [0]])).tolist() == [[1, 2, 11, 12]]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("first", box_at(300)),
        ("median", box_at(4)),
        ("weighted", box_at((300 * 0.8 + (0 + 4 + 8) * 0.4) / 2)),
    ],
)
def test_plain_fusions_by_hand(how, expected):
    boxes = [NONE, box_at(300), box_at(0), box_at(4), box_at(8)]
    if how == "median":
        boxes[1] = NONE
    given = hypotheses(boxes, [0.9, 0.8, 0.4, 0.4, 0.4])
    np.testing.assert_allclose(fuse(model_of(5), given, how).boxes[0, 0], expected)


def test_the_least_risk_is_with_those_who_agree():
    given = hypotheses([box_at(300), box_at(0), box_at(4), box_at(2, 3)], [0.8, 0.6, 0.6, 0.6])
    fused = fuse(model_of(4), given, "mbr")
    assert paired_iou(fused.boxes[0, 0], box_at(2)) > 0.8
    odds = np.array([0.8, *[0.6] * 3])
    assert fused.chance[0, 0] == pytest.approx(odds[1:].sum() / odds.sum(), abs=1e-3)


def test_a_hypothesis_that_is_sure_enough_stands_against_two():
    given = hypotheses([box_at(300), box_at(0), box_at(4)], [0.95, 0.3, 0.3])
    fused = fuse(model_of(3), given, "mbr")
    assert paired_iou(fused.boxes[0, 0], box_at(300)) > 0.8


@pytest.mark.parametrize("how", FUSIONS)
def test_without_a_hypothesis_there_is_no_box(how):
    fused = fuse(model_of(2), hypotheses([NONE, NONE]), how)
    assert np.isnan(fused.boxes).all()
    assert fused.chance.tolist() == [[0]]


@pytest.mark.parametrize("how", FUSIONS)
def test_one_hypothesis_is_the_box_whatever_it_is_worth(how):
    model = model_of(2)
    model.errors[1] += 5  # where this source is, nothing ever was
    fused = fuse(model, hypotheses([NONE, box_at(7)], [0, 0]), how)
    np.testing.assert_allclose(fused.boxes[0, 0], box_at(7))
    assert 0 <= fused.chance[0, 0] < 1e-6


def test_no_persons_are_no_boxes():
    given = Hypotheses(np.zeros((2, 0, 1, 4)), np.zeros((2, 0, 1)))
    for how in FUSIONS:
        assert fuse(model_of(2), given, how).boxes.shape == (0, 1, 4)


def test_expected_hits_are_those_of_a_loop():
    rng = np.random.default_rng(1)
    corner = rng.uniform(0, 30, (3, 5, 2, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(20, 60, corner.shape)], axis=-1)
    boxes[1, 2:4] = np.nan
    trust = np.where(np.isfinite(boxes[..., 0]), rng.uniform(0.1, 0.9, boxes.shape[:3]), 0)
    errors = rng.normal(0, 0.2, (3, 2, ERRORS, 4))
    model = BoxFusion(0.5, np.zeros((3, 4)), errors, np.ones(2))
    found = expected_hits(model, boxes, boxes, trust)
    for candidate, person, slot in np.ndindex(found.shape):
        hits = 0.0
        for source in range(3):
            box = boxes[source, person, slot]
            sides = box[2:] - box[:2] + 1
            for shift_x, shift_y, wider, taller in errors[source, slot]:
                middle = (box[:2] + box[2:]) / 2 + np.array([shift_x, shift_y]) * sides
                half = (sides * np.exp([wider, taller]) - 1) / 2
                sample = np.concatenate([middle - half, middle + half])
                hit = paired_iou(boxes[candidate, person, slot], sample) >= 0.5
                hits += trust[source, person, slot] * hit / ERRORS
        expected = hits / trust[:, person, slot].sum()
        assert found[candidate, person, slot] == pytest.approx(expected, abs=1e-5)


def scattered(rng, count):
    corner = rng.uniform(0, 500, (count, 1, 2))
    return np.concatenate([corner, corner + rng.uniform(30, 90, (count, 1, 2))], axis=-1)


def fit(given, truth, how="median", groups=([0],), threshold=0.5):
    weights = np.ones(truth.shape[:2])
    fitted = fit_fusions(
        given, truth, weights, threshold=threshold, groups=groups, hows=[how], seed=0
    )
    return fitted[how]


def test_boxes_are_enlarged_where_true_ones_are_larger():
    rng = np.random.default_rng(2)
    found = np.concatenate([scattered(rng, 60)] * 2, axis=1)
    truth = found.copy()
    truth[:, 0] = enlarge(found[:, 0], 1.5)
    given = Hypotheses(found[None], np.full((1, 60, 2), 0.5))
    model = fit(given, truth, groups=([0], [1]))
    assert model.enlargement[0] > 1
    assert model.enlargement[1] == 1
    fused = fuse(model, given, "median").boxes
    np.testing.assert_allclose(fused[:, 0], enlarge(found[:, 0], model.enlargement[0]))
    together = fit(given, truth, groups=([0, 1],)).enlargement
    assert together[0] == together[1]
    assert (fit(given, truth, how="first", groups=([0], [1])).enlargement == 1).all()


def test_errors_are_those_of_the_training_boxes():
    rng = np.random.default_rng(3)
    found = scattered(rng, 50)
    sides = found[..., 2:] - found[..., :2] + 1
    truth = found + np.concatenate([sides, sides], axis=-1) * 0.1
    model = fit(Hypotheses(found[None], np.full((1, 50, 1), 0.5)), truth)
    np.testing.assert_allclose(
        model.errors[0, 0], np.tile([0.1, 0.1, 0, 0], (ERRORS, 1)), atol=1e-9
    )


def test_sources_that_agree_with_others_are_trusted():
    rng = np.random.default_rng(4)
    truth = scattered(rng, 300)
    good = np.stack([truth, truth + 1, truth - 1])
    wrong = rng.random(300) < 0.3
    good[0, wrong] += 1000
    given = Hypotheses(good, np.full(good.shape[:3], 0.5))
    trust = reliabilities(fit(given, truth), given)[0, :, 0]
    assert trust[~wrong].min() > 0.9
    assert trust[wrong].max() < 0.3


def test_a_source_that_is_often_silent_is_trusted_for_what_it_says():
    rng = np.random.default_rng(5)
    truth = scattered(rng, 2000)
    boxes = np.stack([truth + 1000, truth])
    boxes[1, rng.random(2000) < 0.2] += 3000  # it errs at times, whatever its score
    scores = rng.uniform(0.05, 0.95, boxes.shape[:3])
    silent = rng.random(2000) < 0.7
    boxes[1, silent], scores[1, silent] = np.nan, np.nan
    given = Hypotheses(boxes, scores)
    trust = reliabilities(fit(given, truth), given)[1, :, 0]
    assert np.isnan(trust[silent]).all()
    np.testing.assert_allclose(trust[~silent], 0.8, atol=0.1)


def test_a_source_that_never_errs_needs_no_regression():
    truth = scattered(np.random.default_rng(6), 9)
    given = Hypotheses(truth[None], np.full((1, 9, 1), 0.5))
    trust = reliabilities(fit(given, truth), given)
    np.testing.assert_allclose(trust, 9.5 / 10)


def test_parts_that_are_not_annotated_teach_nothing():
    rng = np.random.default_rng(7)
    truth = scattered(rng, 80)
    found = truth + rng.normal(0, 12, truth.shape)
    half = truth.copy()
    half[40:] = np.nan
    of_half = fit(Hypotheses(found[None, :40], np.full((1, 40, 1), 0.5)), truth[:40])
    of_all = fit(Hypotheses(found[None], np.full((1, 80, 1), 0.5)), half)
    np.testing.assert_allclose(of_all.reliability, of_half.reliability)
    np.testing.assert_allclose(of_all.errors, of_half.errors)


def test_least_risk_hits_more_than_the_first_source():
    rng = np.random.default_rng(8)
    truth = scattered(rng, 400)
    boxes = truth + rng.normal(0, 4, (3, *truth.shape))
    boxes[rng.random((3, 400)) < 0.25] += 700
    given = Hypotheses(boxes, np.full(boxes.shape[:3], 0.5))
    hits = {
        how: (paired_iou(fuse(fit(given, truth, how), given, how).boxes, truth) >= 0.5).mean()
        for how in FUSIONS
    }
    assert hits["mbr"] > hits["first"] + 0.05
    assert hits["mbr"] >= hits["weighted"]


def test_a_regression_comes_true_and_a_constant_does_too():
    rng = np.random.default_rng(9)
    feature = rng.normal(5, 3, (4000, 1))
    right = rng.random(4000) < 1 / (1 + np.exp(-(feature[:, 0] - 5)))
    found = fit_logistic(feature, right, np.ones(4000)).predict(np.array([[3.0], [5.0], [7.0]]))
    np.testing.assert_allclose(found, 1 / (1 + np.exp([2.0, 0, -2])), atol=0.05)
    constant = fit_logistic(feature[:9], np.ones(9, bool), np.ones(9))
    np.testing.assert_allclose(constant.predict(feature), 0.95)
    assert constant.intercept == pytest.approx(logit(0.95))


def test_rows_without_weight_do_not_count():
    feature = np.arange(20.0)[:, None]
    right = np.arange(20) > 9
    weights = (np.arange(20) < 10).astype(float)
    np.testing.assert_allclose(fit_logistic(feature, right, weights).predict(feature), 0.5 / 11)


def test_a_shadow_is_cast_by_the_better_person_of_the_frame():
    evidence = evidence_of(
        persons_table(
            [
                ("a", 1, 1, box_at(0), 0.9),
                ("a", 1, 2, box_at(10), 0.8),
                ("a", 1, 3, box_at(25), 0.7),
                ("a", 1, 4, box_at(500), 0.6),
                ("a", 6, 1, box_at(0), 0.1),
            ]
        )
    )
    overlap, who = shadow(evidence)
    assert who.tolist() == [-1, 0, 1, -1, -1]
    np.testing.assert_allclose(overlap, [0, 40 / 60, 35 / 65, 0, 0])


@pytest.fixture(scope="module")
def judged():
    """Four videos of ten frames with a true person and, of a lower score, one that is none."""
    rows = []
    for video in "abcd":
        for frame in range(1, 51, 5):
            rows.append((video, frame, 1, box_at(frame), 0.9))
            rows.append((video, frame, 2, box_at(frame + 400), 0.3))
    evidence = evidence_of(persons_table(rows))
    evidence.part_boxes[0, ::4, 3] += 900  # half of the true left hands are far off
    evidence.part_boxes[0, :, 5] = np.nan
    evidence.part_scores[0, :, 5] = np.nan
    true = np.arange(80) % 2 == 0
    box = np.where(true[:, None], evidence.person_boxes[0], np.nan)
    weights = np.where(true[:, None], 1 / 90, np.zeros((80, len(PARTS))))
    weights[:, 7] = 0  # left feet are never annotated
    part_boxes = np.where(weights[..., None] > 0, box[:, None], np.nan)
    labels = Labels(
        true,
        box,
        np.zeros((80, len(PARTS)), int),
        part_boxes,
        weights,
        np.ones((80, len(PARTS)), bool),
        np.zeros(4, int),
    )
    return evidence, labels


@pytest.mark.parametrize("how", FUSIONS)
def test_chances_tell_what_earns_points(judged, how):
    evidence, labels = judged
    boxes = decide_boxes(evidence, fit_boxes(evidence, labels, [how], 0)[0][0])
    assert boxes.matched[::2].min() > 0.8
    assert boxes.matched[1::2].max() < 0.2
    assert boxes.annotated[::2, 7].max() < 0.3
    assert boxes.annotated[::2, 0].min() > 0.7
    assert (boxes.hit[:, 5] == 0).all()
    assert np.isnan(boxes.parts.boxes[:, 5]).all()
    assert boxes.hit[::2, 3].mean() == pytest.approx(0.5, abs=0.15)
    assert boxes.hit[::2, 0].min() > 0.7
    np.testing.assert_allclose(boxes.persons.boxes[:, 0], evidence.person_boxes[0], atol=1e-3)


@pytest.mark.parametrize("how", ["median", "mbr"])
def test_held_out_boxes_did_not_see_the_truth_of_their_half(judged, how):
    evidence, labels = judged
    own = video_halves(evidence) == 0
    moved = np.where(own[:, None, None], enlarge(labels.part_boxes, 2.2), labels.part_boxes)
    changed = replace(labels, part_boxes=moved)
    before, after = (fit_boxes(evidence, of, [how], 0)[0][1] for of in (labels, changed))
    np.testing.assert_array_equal(before.parts.boxes[own], after.parts.boxes[own])
    np.testing.assert_array_equal(before.parts.chance[own], after.parts.chance[own])
    assert not np.allclose(before.parts.boxes[~own, 0], after.parts.boxes[~own, 0])


def test_chances_of_some_keep_the_boxes_of_all(judged):
    evidence, _ = judged
    boxes = boxes_of(evidence, matched=np.linspace(0, 1, 80))
    some = boxes.chances_of(np.arange(80) < 3)
    assert some.matched.tolist() == boxes.matched[:3].tolist()
    assert len(some.hit) == len(some.annotated) == 3
    assert some.parts is boxes.parts
