"""Methods joined: pools against their derivatives and limits, regressions against what is rare."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax

from partparse.decision import pooling, stacking
from partparse.decision.evidence import of_videos, video_halves
from partparse.decision.labels import Labels
from partparse.decision.multinomial import Examples, fit_regression
from partparse.decision.pooling import fit_pool
from partparse.decision.stacking import fit_stack, log_loss
from partparse.vocabulary import PARTS
from tests.samples.decision import box_at, evidence_of, persons_table


def examples_of(rng, rows, skills, states=4, qualities=2, only=None):
    """Methods whose log-odds favour the truth by their skills, and a uniform prior."""
    truth = rng.integers(states if only is None else only, size=rows)
    odds = rng.normal(0, 1, (len(skills), rows, states))
    odds[:, np.arange(rows), truth] += np.array(skills)[:, None]
    opinions = np.concatenate(
        [log_softmax(odds, axis=2), np.full((1, rows, states), -np.log(states))]
    )
    quality = rng.normal(0, 1, (rows, qualities))
    return Examples(opinions, quality, truth, rng.uniform(0.05, 0.15, rows))


def test_the_slopes_of_the_pool_are_those_of_its_loss(monkeypatch):
    rng = np.random.default_rng(0)
    examples = [examples_of(rng, 9, [1, 2], states) for states in (3, 5)]
    caught: dict[str, Any] = {}

    def catch(loss, start, **options):
        caught.update(loss=loss, start=start)
        return minimize(loss, start, **options)

    monkeypatch.setattr(pooling, "minimize", catch)
    fit_pool(examples, 0.7)
    loss = caught["loss"]
    at = caught["start"] + rng.normal(0, 0.3, len(caught["start"]))
    slopes = loss(at)[1]
    steps = np.eye(len(at)) * 1e-5
    numeric = [(loss(at + step)[0] - loss(at - step)[0]) / 2e-5 for step in steps]
    assert len(at) == 3 + 2 * 3 + 2 * 3 + 3 + 5
    np.testing.assert_allclose(slopes, numeric, rtol=1e-5, atol=1e-7)


def test_a_penalty_without_end_leaves_the_geometric_mean():
    examples = examples_of(np.random.default_rng(1), 50, [0, 3])
    pool = fit_pool([examples], 1e9)
    mean = np.exp(examples.opinions[:-1].mean(axis=0))
    expected = mean / mean.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(pool.predict(examples.opinions, examples.quality, 0), expected, 1e-5)


def test_weights_tell_the_good_method_from_the_useless_one():
    rng = np.random.default_rng(2)
    pool = fit_pool([examples_of(rng, 2000, [0.0, 1.5])], 0.03)
    useless, good, prior = pool.weights + pool.by_part[0]
    assert abs(useless) < 0.2
    assert good > 1
    assert prior == pytest.approx(0, abs=1e-6)  # the same of every state: it can't matter


def test_a_part_may_have_weights_of_its_own():
    rng = np.random.default_rng(3)
    pool = fit_pool([examples_of(rng, 3000, skills) for skills in ([0, 1.5], [1.5, 0])], 0.01)
    own = pool.weights + pool.by_part
    assert own[0, 1] > own[0, 0] + 0.8
    assert own[1, 0] > own[1, 1] + 0.8


def test_the_weights_follow_the_quality():
    rng = np.random.default_rng(4)
    known = examples_of(rng, 3000, [1.5], qualities=1)
    blind = known.quality[:, 0] < 0
    opinions = known.opinions.copy()
    opinions[0, blind] = np.roll(opinions[0, blind], 1, axis=0)
    found = fit_pool([Examples(opinions, known.quality, known.truth, known.weights)], 0.01)
    assert found.by_quality[0, 0] > 0.3


def test_a_state_that_is_common_is_favoured():
    rng = np.random.default_rng(5)
    pool = fit_pool([examples_of(rng, 800, [0.5], states=3, only=1)], 0.03)
    assert pool.biases[0].argmax() == 0


def test_a_regression_beats_the_mean_where_a_method_mixes_states_up():
    rng = np.random.default_rng(6)
    known = examples_of(rng, 1500, [3.0], states=3)
    mixed = Examples(known.opinions[:, :, [1, 2, 0]], known.quality, known.truth, known.weights)
    uniform = np.full((1500, 3), 1 / 3)
    model = fit_regression(mixed, least=12, strength=100)
    found = model.predict(mixed.opinions, mixed.quality, uniform)
    assert (found.argmax(axis=1) == known.truth).mean() > 0.85
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_a_state_with_few_examples_keeps_the_probability_of_the_pool():
    rng = np.random.default_rng(7)
    known = examples_of(rng, 400, [1.0], states=4, only=3)
    known.truth[:11] = 3
    other = rng.dirichlet(np.ones(4), 400)
    model = fit_regression(known, least=12, strength=100)
    found = model.predict(known.opinions, known.quality, other)
    assert model.classes.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(found[:, 3], other[:, 3])
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert not np.allclose(found, other)
    known.truth[11] = 3
    assert fit_regression(known, least=12, strength=100).classes.tolist() == [0, 1, 2, 3]


def test_two_states_are_told_apart_and_one_alone_is_not():
    rng = np.random.default_rng(8)
    known = examples_of(rng, 400, [2.0], states=3, only=2)
    other = rng.dirichlet(np.ones(3), 400)
    found = fit_regression(known, least=12, strength=100).predict(
        known.opinions, known.quality, other
    )
    np.testing.assert_allclose(found.sum(axis=1), 1)
    right = found[np.arange(400), known.truth] > found[np.arange(400), 1 - known.truth]
    assert right.mean() > 0.8
    alone = examples_of(rng, 400, [2.0], states=3, only=1)
    model = fit_regression(alone, least=12, strength=100)
    assert model.predict(alone.opinions, alone.quality, other) is other
    nothing = Examples(alone.opinions[:, :0], alone.quality[:0], alone.truth[:0], alone.weights[:0])
    model = fit_regression(nothing, least=12, strength=100)
    assert model.predict(alone.opinions, alone.quality, other) is other


def fit(evidence, labels, prior, **settings):
    return fit_stack(evidence, labels, prior, ("good", "fair"), **settings)


@pytest.fixture(scope="module")
def stacked():
    """Evidence of 40 videos with two methods: one is often silent, one knows less."""
    rng = np.random.default_rng(9)
    rows = [(f"v{n:02}", frame, 1, box_at(0)) for n in range(40) for frame in range(1, 51, 5)]
    evidence = evidence_of(persons_table(rows))
    states = np.empty((400, len(PARTS)), np.int64)
    methods = []
    for part in range(len(PARTS)):
        known = examples_of(rng, 400, [2.0, 1.0], states=3)
        states[:, part] = known.truth
        opinions = known.opinions[:2].copy()
        opinions[0, rng.random(400) < 0.2] = np.nan
        methods.append(opinions)
    evidence.states[:] = methods
    weights = np.full(states.shape, 0.01)
    box = np.zeros((400, len(PARTS), 4))
    labels = Labels(
        np.ones(400, bool), box[:, 0], states, box, weights, states >= 0, np.zeros(40, int)
    )
    return evidence, labels, [np.full((400, 3), 1 / 3)] * len(PARTS)


def test_a_stack_beats_the_mean_on_videos_it_did_not_see(stacked):
    evidence, labels, prior = stacked
    chosen = fit(evidence, labels, prior, calibrate=True, stack=True, seed=0)
    mean = fit(evidence, labels, prior, calibrate=False, stack=False, seed=0)
    assert log_loss(chosen.held_out, labels) < log_loss(mean.held_out, labels) - 0.04
    assert chosen.ladder.scores.mean() > mean.ladder.scores.mean()
    [taken] = chosen.trials[chosen.trials["chosen"]].itertuples()
    assert (taken.model, taken.strength) == ("best", 2)
    assert chosen.ladder.taken == "good + fair"
    assert log_loss(chosen.held_out, labels) == pytest.approx(taken.log_loss)
    for shares in chosen.stack.predict(evidence, prior):
        np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)


def test_the_mean_takes_the_prior_for_the_silent(stacked):
    evidence, labels, _ = stacked
    prior = [np.tile([0.5, 0.3, 0.2], (400, 1))] * len(PARTS)
    mean = fit(evidence, labels, prior, calibrate=False, stack=False, seed=0)
    said = np.exp(evidence.states[2])
    expected = (np.where(np.isnan(said[0]), prior[0], said[0]) + said[1]) / 2
    np.testing.assert_allclose(mean.stack.predict(evidence, prior)[2], expected, rtol=1e-5)
    np.testing.assert_allclose(mean.held_out[2], expected, rtol=1e-5)


def test_a_few_examples_drawn_calibrate_nearly_as_well_as_all(stacked, monkeypatch):
    evidence, labels, prior = stacked
    losses = []
    for most in (3000, 100):
        monkeypatch.setattr(stacking, "MOST_CALIBRATED", most)
        chosen = fit(evidence, labels, prior, calibrate=True, stack=False, seed=0)
        losses.append(log_loss(chosen.held_out, labels))
    assert losses[1] == pytest.approx(losses[0], abs=0.03)
    assert losses[1] != losses[0]


def test_persons_without_a_match_are_judged_but_teach_nothing(stacked):
    evidence, labels, prior = stacked
    matched = np.arange(400) % 10 < 8
    states = np.where(matched[:, None], labels.states, -1)
    some = Labels(**{**vars(labels), "matched": matched, "states": states})
    whole = fit(evidence, some, prior, calibrate=True, stack=False, seed=0)
    few = [part[matched] for part in prior]
    alone = fit(
        evidence.take(matched), some.take(matched), few, calibrate=True, stack=False, seed=0
    )
    assert whole.trials.equals(alone.trials)
    for part, own in zip(whole.held_out, alone.held_out, strict=True):
        np.testing.assert_array_equal(part[matched], own)
        np.testing.assert_allclose(part.sum(axis=1), 1, rtol=1e-5)


def test_what_is_held_out_did_not_see_its_own_video(stacked, monkeypatch):
    # which candidate is best may hang on the video; what each predicts for its half may not
    monkeypatch.setattr(stacking, "FITTED", (stacking.Candidate("pool", 1.0),))
    evidence, labels, prior = stacked
    own = evidence.video == 7
    states = np.where(own[:, None], (labels.states + 1) % 3, labels.states)
    changed = Labels(**{**vars(labels), "states": states})
    before, after = (
        fit(evidence, of, prior, calibrate=True, stack=True, seed=0) for of in (labels, changed)
    )
    halves = video_halves(evidence)
    same_half = halves == halves[own][0]
    for part in range(len(PARTS)):
        np.testing.assert_array_equal(
            before.held_out[part][same_half], after.held_out[part][same_half]
        )
    assert before.ladder.taken == after.ladder.taken != "good"
    assert not np.allclose(before.held_out[0][~same_half], after.held_out[0][~same_half])


def test_with_few_videos_the_best_methods_speak(stacked):
    evidence, labels, prior = stacked
    few = of_videos(evidence, evidence.videos[:5])
    own = evidence.video < 5
    known = replace(labels.take(own), actions=labels.actions[:5])
    given = [part[own] for part in prior]
    chosen = fit(few, known, given, calibrate=True, stack=True, seed=0)
    assert chosen.ladder.taken == "good + fair"
    assert not chosen.ladder.table()["better"][1:].any()
    said = np.exp(chosen.stack.opinions(few.states[3], given[3], 3)[:2])
    np.testing.assert_allclose(chosen.stack.predict(few, given)[3], said.mean(axis=0), rtol=1e-6)


def test_the_best_method_speaks_alone_where_others_take_from_it(stacked):
    evidence, labels, prior = stacked
    evidence = replace(evidence, states=[said.copy() for said in evidence.states])
    for part, said in enumerate(evidence.states):  # the second is sure of what is wrong
        wrong = (labels.states[:, part] + 1) % 3
        said[1] = np.log(np.where(np.arange(3) == wrong[:, None], 0.98, 0.01))
    chosen = fit(evidence, labels, prior, calibrate=False, stack=True, seed=0)
    assert chosen.ladder.table()["candidate"][0] == "good"


def test_without_videos_all_methods_speak(stacked):
    evidence, labels, prior = stacked
    nothing = of_videos(evidence, ())
    nobody = replace(labels.take(np.zeros(400, bool)), actions=labels.actions[:0])
    chosen = fit(nothing, nobody, [part[:0] for part in prior], calibrate=True, stack=True, seed=0)
    assert chosen.ladder.taken == "mean"
    said = evidence.states[3]
    mean = np.exp(np.where(np.isnan(said), np.log(prior[3]), said)).mean(axis=0)
    np.testing.assert_allclose(chosen.stack.predict(evidence, prior)[3], mean, rtol=1e-5)


def test_the_log_loss_by_hand():
    shares = [np.array([[0.8, 0.2], [0.4, 0.6], [0.0, 1.0]])] * len(PARTS)
    states = np.full((3, len(PARTS)), -1)
    states[0, 0], states[1, 4] = 0, 1
    weights = np.zeros((3, len(PARTS)))
    weights[0, 0], weights[1, 4] = 3, 1
    box = np.zeros((3, len(PARTS), 4))
    labels = Labels(
        np.ones(3, bool), box[:, 0], states, box, weights, states >= 0, np.zeros(1, int)
    )
    expected = -(3 * np.log(0.8) + np.log(0.6)) / 4
    assert log_loss(shares, labels) == pytest.approx(expected)


def test_persons_are_judged_alike_in_any_number_at_once(stacked, monkeypatch):
    """But for the last bits of a product of matrices."""
    evidence, labels, prior = stacked
    stack = fit(evidence, labels, prior, calibrate=True, stack=True, seed=0).stack
    expected = stack.predict(evidence, prior)
    monkeypatch.setattr(stacking, "AT_ONCE", 7)
    for found, part in zip(stack.predict(evidence, prior), expected, strict=True):
        np.testing.assert_allclose(found, part, rtol=1e-12)
    nobody = stack.predict(evidence.take(slice(0)), [part[:0] for part in prior])
    assert [part.shape for part in nobody] == [(0, part.shape[1]) for part in prior]
