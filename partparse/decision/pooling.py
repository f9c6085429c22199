"""A log-linear pool: the states' log-odds are a weighted sum of what the methods say.

Genest and Zidek, "Combining Probability Distributions", Statistical Science 1986: the logarithmic
opinion pool, here with weights fitted as in a conditional logit. A method's weight is the same for
all states, so a state that val never shows is judged as the others are; it differs by part, and
with how well a person can be seen. All lean on the plain geometric mean, by ridge penalties.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

from partparse.boxes import Floats
from partparse.decision.calibration import exp_shares
from partparse.decision.multinomial import Examples

_LOCAL = 4.0  # how much dearer it is for a part or a person to leave the common weights


@dataclass(frozen=True)
class LogPool:
    """A fitted pool of J opinions (the methods, and the prior of the action) over ten parts."""

    weights: Floats  # (J,) common to all parts
    by_part: Floats  # (10, J) added to them
    by_quality: Floats  # (Q, J) added, times the person's standardised quality
    biases: list[Floats]  # for each part (K,) added to the log-odds of its states

    def predict(self, opinions: Floats, quality: Floats, part: int) -> Floats:
        """(N, K) P(state) of one part from opinions (J, N, K) and quality (N, Q)."""
        own = self.weights + self.by_part[part] + quality @ self.by_quality
        mixed = _mix(own.astype(opinions.dtype), opinions)
        return exp_shares(mixed + self.biases[part].astype(opinions.dtype))


def geometric_mean(methods: int, sizes: list[int], qualities: int) -> LogPool:
    """The pool in which each method counts the same, and the action's prior, the last, nothing."""
    weights = np.append(np.full(methods, 1 / methods), 0.0)
    return LogPool(
        weights,
        np.zeros((len(sizes), methods + 1)),
        np.zeros((qualities, methods + 1)),
        [np.zeros(size) for size in sizes],
    )


def fit_pool(examples: Sequence[Examples], strength: float) -> LogPool:
    """Fit a pool on examples of each part, by weighted log-loss with ridge penalties.

    `strength` is that of the penalties, in videos' worth of log-loss.
    """
    sizes = [part.opinions.shape[2] for part in examples]
    shape = len(examples[0].opinions) - 1, sizes, examples[0].quality.shape[1]
    start = geometric_mean(*shape)
    centre = _flatten(start)
    cost = np.full(len(centre), _LOCAL)
    cost[: len(start.weights)] = 1

    def loss(vector: Floats) -> tuple[float, Floats]:
        pool = _unflatten(vector, start)
        away = vector - centre
        total = strength * float(cost @ away**2)
        slopes = geometric_mean(*shape)
        slopes.weights[:] = 0
        for part, known in enumerate(examples):
            total += _add_slopes(pool, part, known, slopes)
        return total, _flatten(slopes) + 2 * strength * cost * away

    found = minimize(loss, centre, jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return _unflatten(found.x, start)


def _add_slopes(pool: LogPool, part: int, known: Examples, slopes: LogPool) -> float:
    """The weighted log-loss of one part; its derivatives are added to `slopes`."""
    rows = np.arange(len(known.truth))
    own = pool.weights + pool.by_part[part] + known.quality @ pool.by_quality
    odds = log_softmax(_mix(own, known.opinions) + pool.biases[part], axis=1)
    error = np.exp(odds)
    error[rows, known.truth] -= 1
    error *= known.weights[:, None]
    by_row = np.einsum("nk,jnk->nj", error, known.opinions, optimize=True)
    slopes.weights[:] += by_row.sum(axis=0)
    slopes.by_part[part] += by_row.sum(axis=0)
    slopes.by_quality[:] += known.quality.T @ by_row
    slopes.biases[part][:] += error.sum(axis=0)
    return -float(known.weights @ odds[rows, known.truth])


def _mix(weights: Floats, opinions: Floats) -> Floats:
    """(N, J) and (J, N, K) -> (N, K)."""
    mixed = weights[:, 0, None] * opinions[0]
    for each in range(1, len(opinions)):
        mixed += weights[:, each, None] * opinions[each]
    return mixed


def _flatten(pool: LogPool) -> Floats:
    arrays = [pool.weights, pool.by_part, pool.by_quality, *pool.biases]
    return np.concatenate([array.ravel() for array in arrays])


def _unflatten(vector: Floats, like: LogPool) -> LogPool:
    arrays = [like.weights, like.by_part, like.by_quality, *like.biases]
    ends = np.cumsum([array.size for array in arrays])[:-1]
    cut = [
        piece.reshape(array.shape)
        for piece, array in zip(np.split(vector, ends), arrays, strict=True)
    ]
    return LogPool(cut[0], cut[1], cut[2], cut[3:])
