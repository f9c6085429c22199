"""Calibration: distributions that were made too sure are brought back."""

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from partparse.decision.action import fit_actions
from partparse.decision.calibration import (
    Temperatures,
    exp_shares,
    fit_temperatures,
    no_temperatures,
    reliability,
)


def honest(rng, rows, states=4):
    """ln P (rows, states) that come true as often as they say, and what came true."""
    log_shares = log_softmax(rng.normal(0, 1.5, (rows, states)), axis=1)
    truth = (rng.random((rows, 1)) > np.exp(log_shares).cumsum(axis=1)).sum(axis=1)
    return log_shares, np.minimum(truth, states - 1)


@pytest.fixture(scope="module")
def fitted():
    """Two methods, one 2.5 times too sure and one honest but often silent, of two parts."""
    rng = np.random.default_rng(0)
    said, true = zip(*(honest(rng, 3000) for _ in range(2)), strict=True)
    methods = []
    for shares in said:
        silent = np.where(rng.random(len(shares))[:, None] < 0.3, np.nan, shares)
        methods.append(np.stack([log_softmax(shares * 2.5, axis=1), silent]))
    weights = [np.full(len(truth), 0.05) for truth in true]
    return fit_temperatures(methods, list(true), weights), methods, said


def test_the_temperature_is_found_again(fitted):
    temperatures, methods, said = fitted
    np.testing.assert_allclose(np.exp(temperatures.log_temperature[0]), 2.5, rtol=0.15)
    np.testing.assert_allclose(np.exp(temperatures.log_temperature[1]), 1, rtol=0.15)
    assert (temperatures.floor < 0.06).all()
    back = temperatures.apply(methods[1], 1)[0]
    assert np.abs(np.exp(back) - np.exp(said[1])).max() < 0.06


@pytest.mark.parametrize(("precision", "rounding"), [(np.float32, 1e-6), (np.float64, 1e-14)])
def test_shares_are_scipys_softmax(precision, rounding):
    odds = np.random.default_rng(0).normal(0, 300, (3, 5, 30)).astype(precision)
    odds[0, 0, 1:] = -np.inf
    odds[1, 1] = np.nan
    found = exp_shares(odds)
    assert found.dtype == precision
    np.testing.assert_allclose(found, softmax(odds, axis=-1), atol=rounding)
    assert exp_shares(odds[:, :0]).shape == (3, 0, 30)


def test_silence_stays_silence(fitted):
    temperatures, methods, _ = fitted
    for part in range(2):
        changed = temperatures.apply(methods[part], part)
        np.testing.assert_array_equal(np.isnan(changed), np.isnan(methods[part]))
    assert np.isnan(methods[0]).any()


def test_what_is_likeliest_stays_so(fitted):
    temperatures, methods, said = fitted
    changed = temperatures.apply(methods[0], 0)[0]
    np.testing.assert_array_equal(changed.argmax(axis=1), said[0].argmax(axis=1))
    np.testing.assert_allclose(np.exp(changed).sum(axis=1), 1)


def test_what_a_method_rules_out_stays_possible():
    sure = np.log(np.array([[1 - 3e-6, 1e-6, 1e-6, 1e-6]]))
    floored = Temperatures(np.zeros((1, 1)), np.full((1, 1), 0.2)).apply(sure[None], 0)
    np.testing.assert_allclose(np.exp(floored)[0, 0, 1:], 0.05, rtol=1e-4)
    wrong = np.arange(200) % 4  # it is right as often as chance
    found = fit_temperatures([np.repeat(sure, 200, axis=0)[None]], [wrong], [np.ones(200)])
    assert np.exp(found.apply(sure[None], 0))[0, 0].min() > 0.2


def test_a_rare_part_leans_on_its_method():
    rng = np.random.default_rng(1)
    shares, truth = honest(rng, 2000)
    rare, of_rare = honest(rng, 3)
    said = [log_softmax(part * 3, axis=1)[None] for part in (shares, rare)]
    found = fit_temperatures(said, [truth, of_rare], [np.full(2000, 0.1), np.full(3, 0.1)])
    np.testing.assert_allclose(np.exp(found.log_temperature[0]), 3, rtol=0.2)


def test_no_temperatures_change_nothing():
    values = np.log(np.array([[[0.7, 0.3], [np.nan, np.nan]]], np.float32))
    changed = no_temperatures(1, 10).apply(values, 3)
    np.testing.assert_allclose(changed, values, rtol=1e-5)
    assert changed.dtype == np.float32


def test_the_reliability_table_by_hand():
    table = reliability(
        np.array([0.42, 0.48, 1.0, 0.95]),
        np.array([True, False, True, True]),
        np.array([1.0, 3.0, 2.0, 2.0]),
    )
    assert table["bin"].tolist() == [0.4, 0.9]
    np.testing.assert_allclose(table["confidence"], [(0.42 + 3 * 0.48) / 4, 0.975])
    np.testing.assert_allclose(table["accuracy"], [0.25, 1])
    np.testing.assert_allclose(table["weight"], [0.5, 0.5])


def test_action_models_are_calibrated_and_weighed_by_what_they_know():
    rng = np.random.default_rng(2)
    shares, truth = honest(rng, 400, states=3)
    noise = log_softmax(rng.normal(0, 2, shares.shape), axis=1)
    models = np.exp([noise, log_softmax(shares * 3, axis=1)])
    halves = np.arange(400) % 2
    alone = fit_actions(models, truth, halves, calibrate=False, stack=False).pool
    np.testing.assert_allclose(alone.predict(models), models[0], atol=1e-5)
    chosen = fit_actions(models, truth, halves, calibrate=True, stack=True)
    assert chosen.ladder.taken == "pool"
    joined = chosen.pool.predict(models)
    np.testing.assert_allclose(joined.sum(axis=1), 1)
    assert np.abs(joined - np.exp(shares)).mean() < 0.1
    assert np.abs(joined - models[1]).mean() > 0.1
    assert np.abs(chosen.held_out - joined).mean() < 0.05


def test_action_models_that_add_nothing_do_little_harm():
    rng = np.random.default_rng(5)
    shares, truth = honest(rng, 60, states=3)
    noise = log_softmax(rng.normal(0, 1, shares.shape), axis=1)
    models = np.exp([shares, noise])
    chosen = fit_actions(models, truth, np.arange(60) % 2, calibrate=True, stack=True)
    new, unseen = honest(rng, 2000, states=3)
    more = np.exp([new, log_softmax(rng.normal(0, 1, new.shape), axis=1)])
    rows = np.arange(len(unseen))
    lost = new[rows, unseen] - np.log(chosen.pool.predict(more)[rows, unseen])
    assert lost.mean() < 0.05


def test_without_a_known_action_the_submitted_model_speaks_alone():
    models = np.exp(honest(np.random.default_rng(5), 8, states=3)[0])[None].repeat(2, axis=0)
    nothing = np.full(8, -1)
    chosen = fit_actions(models, nothing, np.arange(8) % 2, calibrate=False, stack=True)
    assert chosen.ladder.taken == "the submitted model"
    np.testing.assert_allclose(chosen.pool.predict(models), models[0])


def test_one_model_that_knows_is_left_alone_by_many_that_mislead():
    """Sure ones that are wrong: a pool of few videos can't be rid of all of them."""
    rng = np.random.default_rng(11)
    truth = rng.integers(0, 3, 24)
    knows = np.eye(3)[truth] * 0.97 + 0.01
    astray = np.stack([np.eye(3)[rng.integers(0, 3, 24)] for _ in range(12)]) * 0.97 + 0.01
    chosen = fit_actions(
        np.concatenate([knows[None], astray]),
        truth,
        np.arange(24) % 2,
        calibrate=False,
        stack=True,
    )
    assert chosen.ladder.taken == "the submitted model"


def test_several_models_that_know_something_are_joined_however_few_videos_there_are():
    """Of two that are right in other videos, one is the better by luck alone."""
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 3, 16)
    sure = np.eye(3)[truth] * 0.8 + 0.2 / 3
    unsure = np.full_like(sure, 1 / 3)
    first = np.where((np.arange(16) % 3 == 0)[:, None], unsure, sure)
    second = np.where((np.arange(16) % 3 == 1)[:, None], unsure, sure)
    models = np.stack([first, second])
    chosen = fit_actions(models, truth, np.arange(16) % 2, calibrate=True, stack=True)
    assert chosen.ladder.taken != "the submitted model"
    assert (chosen.held_out.argmax(axis=1) == truth).all()


def test_videos_without_a_known_action_teach_nothing():
    rng = np.random.default_rng(3)
    shares, truth = honest(rng, 60, states=3)
    models = np.exp(shares)[None]
    some = np.where(np.arange(60) < 40, truth, -1)
    found, expected = (
        fit_actions(given, known, np.arange(len(known)) % 2, calibrate=True, stack=True)
        for given, known in ((models, some), (models[:, :40], truth[:40]))
    )
    np.testing.assert_allclose(found.pool.predict(models), expected.pool.predict(models))
