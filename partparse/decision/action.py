"""P(action) of a video from all action models: calibrated, then pooled."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from partparse.boxes import Floats, Integers
from partparse.decision.calibration import Temperatures, fit_temperatures, no_temperatures
from partparse.decision.evidence import LEAST
from partparse.decision.gate import Ladder
from partparse.decision.multinomial import Examples
from partparse.decision.pooling import LogPool, fit_pool, geometric_mean

SUBMITTED, MEAN, POOL = "the submitted model", "mean", "pool"
_STRENGTH = 1.0


@dataclass(frozen=True)
class ActionPool:
    """Fitted on val; with `pool` None, the first model speaks alone."""

    temperatures: Temperatures  # (A, 1)
    pool: LogPool | None

    def calibrated(self, actions: Floats) -> Floats:
        """(A, V, C) what each model says, calibrated."""
        return np.exp(self.temperatures.apply(_logarithms(actions), 0))

    def predict(self, actions: Floats) -> Floats:
        """(V, C) P(action) from those of A models, (A, V, C)."""
        said = np.log(self.calibrated(actions))
        if self.pool is None:
            return np.exp(said[0])
        return self.pool.predict(_with_uniform(said), np.zeros((actions.shape[1], 0)), 0)


@dataclass(frozen=True)
class ChosenActions:
    """What is believed of the actions, and the evidence for it."""

    pool: ActionPool
    held_out: Floats
    """(V, C) P(action) of the videos it was fitted on, each by a fit that did not see its half."""
    ladder: Ladder
    """The score of a candidate is ln P(true action)."""


def fit_actions(
    actions: Floats, truth: Integers, halves: Integers, *, calibrate: bool, stack: bool
) -> ChosenActions:
    """Fit on val: actions (A, V, C), true actions (V,), -1 for those left out, halves (V,).

    The simplest is the submitted model or, where that is likelier, the geometric mean of all:
    neither has more to fit than how sure it is, and few videos tell badly which one model
    is the best. The fitted pool is taken where it is clearly better, and not less often right.
    That is asked of its log-loss, as the videos whose action one of both has right and the other
    not are a handful; and not of that alone, as a video's score hangs on the likeliest action.
    """
    known = truth >= 0
    kinds = (SUBMITTED, MEAN, POOL) if stack else (SUBMITTED,)
    held_out = {kind: np.empty(actions.shape[1:]) for kind in kinds}
    for half in (0, 1):
        seen, unseen = known & (halves != half), halves == half
        for kind in kinds:
            fitted = _fit(actions[:, seen], truth[seen], calibrate, kind)
            held_out[kind][unseen] = fitted.predict(actions[:, unseen])
    right = {
        kind: np.log(np.maximum(said[known, truth[known]], LEAST))
        for kind, said in held_out.items()
    }
    simple = SUBMITTED
    if stack and right[MEAN].sum() > right[SUBMITTED].sum():
        simple = MEAN
    ladder = Ladder("action", simple, right[simple])
    if stack:
        hits = {
            kind: (said[known].argmax(axis=1) == truth[known]).sum()
            for kind, said in held_out.items()
        }
        ladder.climb(POOL, right[POOL], provided=hits[POOL] >= hits[simple])
    pool = _fit(actions[:, known], truth[known], calibrate, ladder.taken)
    return ChosenActions(pool, held_out[ladder.taken], ladder)


def _fit(actions: Floats, truth: Integers, calibrate: bool, kind: str) -> ActionPool:
    said, weights = _logarithms(actions), np.ones(len(truth))
    temperatures = no_temperatures(len(actions), 1)
    if calibrate:
        temperatures = fit_temperatures([said], [truth], [weights])
    if kind == SUBMITTED:
        return ActionPool(temperatures, None)
    if kind == MEAN:
        return ActionPool(temperatures, _sharpened_mean(temperatures.apply(said, 0), truth))
    opinions = _with_uniform(temperatures.apply(said, 0))
    examples = Examples(opinions, np.zeros((len(truth), 0)), truth, weights)
    return ActionPool(temperatures, fit_pool([examples], _STRENGTH))


def _sharpened_mean(said: Floats, truth: Integers) -> LogPool:
    """All models weigh the same; how much, so that the mean of A is as sure as it may be."""
    mixed = said.mean(axis=0)
    rows = np.arange(len(truth))

    def loss(log_factor: float) -> float:
        odds = log_softmax(np.exp(log_factor) * mixed, axis=1)
        return float(_STRENGTH * log_factor**2 - odds[rows, truth].sum())

    factor = np.exp(minimize_scalar(loss, bounds=(-1, np.log(2 * len(said))), method="bounded").x)
    mean = geometric_mean(len(said), [said.shape[-1]], 0)
    return replace(mean, weights=mean.weights * factor)


def _logarithms(actions: Floats) -> Floats:
    kept = np.maximum(np.asarray(actions, float), LEAST)
    return np.log(kept / kept.sum(axis=-1, keepdims=True))


def _with_uniform(said: Floats) -> Floats:
    """(A + 1, V, C): a pool's last opinion is a prior; there is none of actions."""
    return np.concatenate([said, np.full_like(said[:1], -np.log(said.shape[-1]))])
