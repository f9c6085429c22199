"""P(action) of a video from all action models: calibrated, then pooled."""

from dataclasses import dataclass

import numpy as np

from partparse.boxes import Floats, Integers
from partparse.decision.calibration import Temperatures, fit_temperatures, no_temperatures
from partparse.decision.evidence import LEAST
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


def fit_actions(actions: Floats, truth: Integers, *, calibrate: bool, stack: bool) -> ActionPool:
    """Fit on V videos of val: actions (A, V, C), true actions (V,), -1 for those left out."""
    known = truth >= 0
    said, right, weights = _logarithms(actions[:, known]), truth[known], np.ones(known.sum())
    temperatures = no_temperatures(len(actions), 1)
    if calibrate:
        temperatures = fit_temperatures([said], [right], [weights])
    if not stack:
        return ActionPool(temperatures, None)
    opinions = _with_uniform(temperatures.apply(said, 0))
    examples = Examples(opinions, np.zeros((len(right), 0)), right, weights)
    return ActionPool(temperatures, fit_pool([examples], _STRENGTH))


def _logarithms(actions: Floats) -> Floats:
    kept = np.maximum(np.asarray(actions, float), LEAST)
    return np.log(kept / kept.sum(axis=-1, keepdims=True))


def _with_uniform(said: Floats) -> Floats:
    """(A + 1, V, C): a pool's last opinion is a prior; there is none of actions."""
    return np.concatenate([said, np.full_like(said[:1], -np.log(said.shape[-1]))])
