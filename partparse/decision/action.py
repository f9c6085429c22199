"""P(action) of a video from all action models: calibrated, then pooled."""

from dataclasses import dataclass

import numpy as np

from partparse.boxes import Floats, Integers
from partparse.decision.calibration import Temperatures, fit_temperatures, no_temperatures
from partparse.decision.evidence import LEAST
from partparse.decision.gate import Ladder
from partparse.decision.multinomial import Examples
from partparse.decision.pooling import LogPool, fit_pool

SUBMITTED, POOL = "the submitted model", "pool"
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

    All models are pooled, unless the submitted one is clearly better alone. For once what has more
    to fit comes first: the pool leans on the mean of all, so that few videos can't lead it far
    astray, and learns from them which models know nothing. Which single model is the best, they
    tell worse (docs/decision.md has how both do with few videos). What is compared is the log-loss
    and, as a video's score hangs on the likeliest action, how often it is right: the videos whose
    action one of both has right and the other not are a handful.
    """
    known = truth >= 0
    kinds = (POOL, SUBMITTED) if stack and known.any() else (SUBMITTED,)
    held_out = {kind: np.empty(actions.shape[1:]) for kind in kinds}
    for half in (0, 1):
        seen, unseen = known & (halves != half), halves == half
        for kind in kinds:
            fitted = fit_kind(actions[:, seen], truth[seen], calibrate=calibrate, kind=kind)
            held_out[kind][unseen] = fitted.predict(actions[:, unseen])
    right = {
        kind: np.log(np.maximum(said[known, truth[known]], LEAST))
        for kind, said in held_out.items()
    }
    ladder = Ladder("action", kinds[0], right[kinds[0]])
    if POOL in kinds:
        hits = {
            kind: (said[known].argmax(axis=1) == truth[known]).sum()
            for kind, said in held_out.items()
        }
        ladder.climb(SUBMITTED, right[SUBMITTED], provided=hits[SUBMITTED] >= hits[POOL])
    pool = fit_kind(actions[:, known], truth[known], calibrate=calibrate, kind=ladder.taken)
    return ChosenActions(pool, held_out[ladder.taken], ladder)


def fit_kind(actions: Floats, truth: Integers, *, calibrate: bool, kind: str) -> ActionPool:
    """Fit one kind, POOL or SUBMITTED, on models (A, V, C) and true actions (V,), all known."""
    said, weights = _logarithms(actions), np.ones(len(truth))
    temperatures = no_temperatures(len(actions), 1)
    if calibrate:
        temperatures = fit_temperatures([said], [truth], [weights])
    if kind == SUBMITTED:
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
