"""Calibration: probabilities that come true as often as they say.

Temperature scaling (Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML
2017), with a share of the uniform distribution mixed in for what a method takes to be impossible.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from partparse.boxes import Floats, Integers

BINS = 10
_PENALTY = 0.5  # of a part's parameters that leave its method's, in videos' worth of log-loss
_START = np.array([0.0, -3.0])  # ln T = 0, and .05 of uniform mixed in


@dataclass(frozen=True)
class Temperatures:
    """How the distributions of M methods over S kinds (parts) are changed."""

    log_temperature: Floats  # (M, S): P becomes P^(1/T), normalised
    floor: Floats  # (M, S): share of the uniform distribution in what comes out

    def apply(self, log_probabilities: Floats, kind: int) -> Floats:
        """(M, N, K) ln P of one kind, calibrated: ln of (1 - floor) P^(1/T) + floor / K.

        In the precision of what is given; NaN stays.
        """
        precision = log_probabilities.dtype
        log_temperature, floor = (
            values[:, kind, None, None] for values in (self.log_temperature, self.floor)
        )
        mixed = exp_shares(log_probabilities * np.exp(-log_temperature).astype(precision))
        mixed *= (1 - floor).astype(precision)
        mixed += (floor / mixed.shape[-1]).astype(precision)
        return np.log(mixed, out=mixed)


def exp_shares(log_odds: Floats) -> Floats:
    """exp of (..., K), divided by its sum over K; in the precision of what is given.

    As scipy's softmax, in a quarter of the time: NumPy's reductions over an axis of some thirty
    take longer than the exponentials.
    """
    size = log_odds.shape[-1]
    largest = np.ascontiguousarray(log_odds.reshape(-1, size).T).max(axis=0)
    powered = log_odds - largest.reshape(*log_odds.shape[:-1], 1)
    np.exp(powered, out=powered)
    powered /= (powered @ np.ones(size, powered.dtype))[..., None]
    return powered


def no_temperatures(methods: int, kinds: int) -> Temperatures:
    """Those that change nothing."""
    return Temperatures(np.zeros((methods, kinds)), np.zeros((methods, kinds)))


def fit_temperatures(
    log_probabilities: list[Floats], truth: list[Integers], weights: list[Floats]
) -> Temperatures:
    """Temperatures of every method and part by weighted log-loss.

    A part's lean on those of its method over all parts, as rare parts have few examples.

    Args:
        log_probabilities: for each part (M, N, K); NaN where a method is silent.
        truth: for each part (N,) the true state; all known.
        weights: for each part (N,), in shares of a video.
    """
    methods = len(log_probabilities[0])
    parameters = np.empty((methods, len(truth), 2))
    for method in range(methods):
        examples = []
        for values, states, weight in zip(log_probabilities, truth, weights, strict=True):
            heard = np.isfinite(values[method]).all(axis=1)
            odds = values[method][heard].astype(float)
            odds -= odds.max(axis=1, keepdims=True)
            examples.append((odds, states[heard], weight[heard]))
        common = _minimise(examples, _START, 0.1)
        for part, example in enumerate(examples):
            parameters[method, part] = _minimise([example], common, _PENALTY)
    return Temperatures(parameters[..., 0], expit(parameters[..., 1]))


def _minimise(
    examples: list[tuple[Floats, Integers, Floats]], centre: Floats, penalty: float
) -> Floats:
    """(2,) ln T and the logit of the floor, by (N, K) log-odds against each row's likeliest."""

    def loss(parameters: Floats) -> float:
        total = penalty * float(np.sum((parameters - centre) ** 2))
        floor = expit(parameters[1])
        for values, states, weight in examples:
            # as `Temperatures.apply`, but of the true state alone
            odds = np.exp(values * np.exp(-parameters[0]))
            share = odds[np.arange(len(states)), states] / odds.sum(axis=1)
            total -= float(weight @ np.log((1 - floor) * share + floor / values.shape[1]))
        return total

    found = minimize(loss, centre, method="Nelder-Mead", options={"xatol": 1e-2, "fatol": 1e-4})
    return np.asarray(found.x)


def reliability(confidence: Floats, right: NDArray[np.bool_], weights: Floats) -> pd.DataFrame:
    """How often what was said with a confidence came true: a row for each of ten equal bins.

    Args:
        confidence: (N,) probability of what was chosen.
        right: (N,) whether that was true.
        weights: (N,).

    Returns:
        bin (its lower end), confidence and accuracy (weighted means), weight (share of all); bins
        without an example are left out. The expected calibration error is the sum over the bins of
        weight * |accuracy - confidence|.
    """
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    rows = pd.DataFrame(
        {"bin": place, "confidence": confidence * weights, "accuracy": right * weights}
    )
    sums = rows.assign(weight=weights).groupby("bin", as_index=False).sum()
    sums = sums[sums["weight"] > 0]
    means = sums[["confidence", "accuracy"]].div(sums["weight"], axis=0)
    return means.assign(bin=sums["bin"] / BINS, weight=sums["weight"] / weights.sum())[
        ["bin", "confidence", "accuracy", "weight"]
    ].reset_index(drop=True)
