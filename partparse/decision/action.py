"""P(action) of a video from all action models: calibrated, then pooled."""

from dataclasses import dataclass

import numpy as np

from partparse.boxes import Floats, Integers
from partparse.decision.calibration import Temperatures, fit_temperatures, no_temperatures
from partparse.decision.evidence import LEAST
from partparse.decision.gate import Ladder
from partparse.decision.multinomial import Examples
from partparse.decision.pooling import LogPool, fit_pool

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

    The pool is taken where it is clearly better than the first model, and not less often right.
    That is asked of its log-loss, as the videos whose action one of both has right and the other
    not are a handful; and not of that alone, as a video's score hangs on the likeliest action.
    """
    known = truth >= 0
    kinds = (False, True) if stack else (False,)
    held_out = np.empty((len(kinds), *actions.shape[1:]))
    for half in (0, 1):
        seen, unseen = known & (halves != half), halves == half
        for place, pooled in enumerate(kinds):
            fitted = _fit(actions[:, seen], truth[seen], calibrate, pooled)
            held_out[place, unseen] = fitted.predict(actions[:, unseen])
    right = np.log(np.maximum(held_out[:, known, truth[known]], LEAST))
    ladder = Ladder("action", "the submitted model", right[0])
    best = 0
    if stack:
        hits = (held_out[:, known].argmax(axis=2) == truth[known]).sum(axis=1)
        best = int(ladder.climb("pool", right[1], provided=hits[1] >= hits[0]))
    pool = _fit(actions[:, known], truth[known], calibrate, kinds[best])
    return ChosenActions(pool, held_out[best], ladder)


def _fit(actions: Floats, truth: Integers, calibrate: bool, pooled: bool) -> ActionPool:
    said, weights = _logarithms(actions), np.ones(len(truth))
    temperatures = no_temperatures(len(actions), 1)
    if calibrate:
        temperatures = fit_temperatures([said], [truth], [weights])
    if not pooled:
        return ActionPool(temperatures, None)
    opinions = _with_uniform(temperatures.apply(said, 0))
    examples = Examples(opinions, np.zeros((len(truth), 0)), truth, weights)
    return ActionPool(temperatures, fit_pool([examples], _STRENGTH))


def _logarithms(actions: Floats) -> Floats:
    kept = np.maximum(np.asarray(actions, float), LEAST)
    return np.log(kept / kept.sum(axis=-1, keepdims=True))


def _with_uniform(said: Floats) -> Floats:
    """(A + 1, V, C): a pool's last opinion is a prior; there is none of actions."""
    return np.concatenate([said, np.full_like(said[:1], -np.log(said.shape[-1]))])
