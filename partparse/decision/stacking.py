"""P(state) of each part from what all methods say: some of them, all, a pool or a regression.

The candidates are judged by what they score on videos that they did not see: half of the videos
judge what was fitted on the other half. At first there is the best method or the mean of the two or
three best, whichever has the highest PSC (after Caruana et al., "Ensemble Selection from Libraries
of Models", ICML 2004). What follows stands in an order from simple to rich, and a richer one is
taken where its PSC is clearly higher (`partparse.decision.gate`). How strongly pools and
regressions are held to their centre is chosen among themselves, by log-loss.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse.boxes import Floats, Integers
from partparse.decision.calibration import Temperatures, fit_temperatures, no_temperatures
from partparse.decision.evidence import Evidence, video_halves
from partparse.decision.gate import Ladder
from partparse.decision.labels import Labels
from partparse.decision.multinomial import Examples, Regression, fit_regression
from partparse.decision.pooling import LogPool, fit_pool
from partparse.vocabulary import PARTS

Shares = list[Floats]  # for each of the ten parts (N, K) probabilities

LEAST_EXAMPLES = 12  # examples of a state in val from which a regression may know it
MOST_EXAMPLES = 8_000
"""Examples of a part that pools and regressions are fitted on; of more, so many are drawn."""
MOST_CALIBRATED = 3_000
"""Examples of a part that temperatures are fitted on, which have two parameters; likewise."""
AT_ONCE = 2048  # persons that are judged together
MOST_BEST = 3  # methods whose mean is tried beside the best one alone
POOL_STRENGTH = 1.0  # of the pool that a regression leaves the states to that it does not know


class Candidate(NamedTuple):
    """What may be made of the methods' distributions."""

    kind: str
    """best: the mean of some, calibrated; mean: of all, as they are; calibrated: of all,
    calibrated; pool or regression: fitted."""
    value: float = 0.0
    """How many are the best; strength of the penalty of what is fitted."""


BEST = tuple(Candidate("best", count) for count in range(1, MOST_BEST + 1))
MEAN, CALIBRATED = Candidate("mean"), Candidate("calibrated")
FITTED = (
    Candidate("pool", 0.1),
    Candidate("pool", 1.0),
    Candidate("pool", 10.0),
    Candidate("pool", 100.0),
    Candidate("regression", 100.0),
    Candidate("regression", 1000.0),
)
"""What is fitted, from simple to rich; those of a kind differ in the strength of their penalty."""


@dataclass(frozen=True)
class Stack:
    """Fitted models that turn the methods' distributions into one."""

    temperatures: Temperatures  # (M, 10)
    methods: tuple[int, ...] | None  # those that are believed; None: all of them
    pool: LogPool | None  # None: the mean of the methods' probabilities
    regressions: list[Regression] | None
    """One a part, which share out what the pool gives to the states they know; or None."""
    centre: Floats  # (Q,) mean of quality
    spread: Floats  # (Q,) its deviation

    def predict(self, evidence: Evidence, prior: Shares) -> Shares:
        """P(state) of every person, given the prior (N, K) of its video's action."""
        quality = self.standardise(evidence.quality)
        # a few persons at a time, as what is computed on the way then stays in the cache
        blocks = [slice(first, first + AT_ONCE) for first in range(0, len(quality), AT_ONCE)]
        predicted = []
        for part in range(len(PARTS)):
            said, expected = evidence.states[part], prior[part]
            shares = [
                self._predict_part(said[:, own], expected[own], quality[own], part)
                for own in blocks or [slice(0)]
            ]
            predicted.append(np.concatenate(shares))
        return predicted

    def _predict_part(self, states: Floats, prior: Floats, quality: Floats, part: int) -> Floats:
        opinions = self.opinions(states, prior, part)
        if self.methods is not None:
            return np.asarray(np.exp(opinions[list(self.methods)]).mean(axis=0))
        if self.pool is None:
            return np.asarray(np.exp(opinions[:-1]).mean(axis=0))
        shares = self.pool.predict(opinions, quality, part)
        if self.regressions is not None:
            shares = self.regressions[part].predict(opinions, quality, shares)
        return shares

    def opinions(self, states: Floats, prior: Floats, part: int) -> Floats:
        """(M + 1, N, K) ln P: what the methods say, calibrated, and the action's prior.

        A silent method says what the prior says.
        """
        said = self.temperatures.apply(states, part)
        expected = np.log(np.maximum(prior, 1e-12)).astype(said.dtype)
        return np.concatenate([np.where(np.isnan(said), expected, said), expected[None]])

    def standardise(self, quality: Floats) -> Floats:
        """(N, Q) about 0, and of deviation 1 on val; kept within 3 of them."""
        return np.clip((quality - self.centre) / self.spread, -3, 3)


@dataclass(frozen=True)
class Chosen:
    """A stack, and the evidence for it."""

    stack: Stack
    halves: tuple[Stack, Stack]
    """The same, each fitted without the half of the videos that it is for."""
    held_out: Shares
    """Predictions for the videos it was fitted on, each by a stack that did not see the video."""
    ladder: Ladder
    """The candidates and their PSC; of those that are fitted the best of each kind."""
    trials: pd.DataFrame
    """model, strength, log_loss (a part, in nats, held out) of what joins the methods; chosen."""


class ChosenStates(NamedTuple):
    """The state of each part of N persons."""

    states: Integers  # (N, 10) positions among the part's states
    chance: Floats  # (N, 10) their probabilities


def likeliest_states(shares: Shares) -> ChosenStates:
    """The likeliest state of each part."""
    return ChosenStates(
        np.stack([part.argmax(axis=1) for part in shares], axis=1),
        np.stack([part.max(axis=1) for part in shares], axis=1),
    )


def fit_stack(
    evidence: Evidence,
    labels: Labels,
    prior: Shares,
    names: Sequence[str],
    *,
    calibrate: bool,
    stack: bool,
    seed: int,
) -> Chosen:
    """Fit on val videos.

    Args:
        evidence: of the videos.
        labels: their truth.
        prior: for each part P(state | action of the video).
        names: of the methods.
        calibrate: whether the methods' distributions are calibrated first.
        stack: whether to choose what joins them; else their probabilities are averaged.
        seed: of the examples drawn where there are too many.
    """
    evidence = evidence.without_boxes()
    means = (MEAN, CALIBRATED) if calibrate and stack else (CALIBRATED if calibrate else MEAN,)
    order = _rank_methods(evidence, labels, prior)
    joining = (*(BEST[: len(order)] if stack else ()), *means, *(FITTED if stack else ()))
    halves = video_halves(evidence)
    # the other persons teach nothing; they are many, and get a distribution at the end alone
    judged = labels.matched
    tried: list[list[Stack]] = []
    psc = np.zeros((len(joining), len(evidence.videos)))
    sums = np.zeros((2, len(joining), 2))
    for half in (0, 1):
        seen, unseen = judged & (halves != half), judged & (halves == half)
        base, examples = _prepare(*_take(seen, evidence, labels, prior), calibrate, seed)
        tried.append(_fit_each(base, examples, joining, order))
        others, truth, expected = _take(unseen, evidence, labels, prior)
        for place, found in enumerate(tried[half]):
            shares = found.predict(others, expected)
            sums[half, place] = _losses(shares, truth)
            psc[place] += truth.psc(likeliest_states(shares)[0], others.video)
    total, weight = np.moveaxis(sums.sum(axis=0), 1, 0)
    losses = total / np.maximum(weight, 1e-12)
    best, ladder = means[0], Ladder("states", means[0].kind, psc[joining.index(means[0])])
    if stack and evidence.videos:  # which methods are best, no videos cannot say
        best, ladder = _climb([names[method] for method in order], joining, psc, losses)
    own = [fitted[joining.index(best)] for fitted in tried]
    held_out = [np.zeros_like(part, float) for part in prior]
    for half in (0, 1):
        unseen = halves == half
        others, _, expected = _take(unseen, evidence, labels, prior)
        for of_part, part in zip(held_out, own[half].predict(others, expected), strict=True):
            of_part[unseen] = part
    base, examples = _prepare(*_take(judged, evidence, labels, prior), calibrate, seed)
    trials = pd.DataFrame(joining, columns=["model", "strength"]).assign(
        log_loss=losses, chosen=[one == best for one in joining]
    )
    [of_all] = _fit_each(base, examples, [best], order)
    return Chosen(of_all, (own[0], own[1]), held_out, ladder, trials)


def _rank_methods(evidence: Evidence, labels: Labels, prior: Shares) -> list[int]:
    """The methods by their PSC alone, the best first; of equals the first."""
    methods = len(evidence.states[0])
    states = np.empty((methods, len(evidence), len(PARTS)), np.int64)
    for part, (said, expected) in enumerate(zip(evidence.states, prior, strict=True)):
        states[:, :, part] = np.where(np.isnan(said), expected, said).argmax(axis=2)
    alone = [labels.psc(own, evidence.video).sum() for own in states]
    ranked: list[int] = np.argsort(-np.array(alone), kind="stable").tolist()
    return ranked


def _climb(
    ranked: Sequence[str], joining: Sequence[Candidate], psc: Floats, losses: Floats
) -> tuple[Candidate, Ladder]:
    """The candidate that is taken: some of the best, or what is clearly better; and the ladder.

    Args:
        ranked: names of the methods, the best first.
        joining: the candidates, from simple to rich.
        psc: (candidates, V) of these.
        losses: (candidates,) of these.
    """
    places = {
        kind: [place for place, one in enumerate(joining) if one.kind == kind]
        for kind in dict.fromkeys(one.kind for one in joining)
    }
    few = places.pop(BEST[0].kind)
    first = few[int(np.argmax(psc[few].sum(axis=1)))]
    best = joining[first]
    ladder = Ladder("states", " + ".join(ranked[: int(best.value)]), psc[first])
    for kind, own in places.items():
        place = own[int(np.argmin(losses[own]))]
        if ladder.climb(kind, psc[place]):
            best = joining[place]
    return best, ladder


def _take(
    rows: NDArray[np.bool_], evidence: Evidence, labels: Labels, prior: Shares
) -> tuple[Evidence, Labels, Shares]:
    return evidence.take(rows), labels.take(rows), [part[rows] for part in prior]


def log_loss(shares: Shares, labels: Labels) -> float:
    """Weighted mean of -ln P(true state) over the annotated parts of matched persons, in nats."""
    total, weight = _losses(shares, labels)
    return total / max(weight, 1e-12)


def _losses(shares: Shares, labels: Labels) -> tuple[float, float]:
    """The weighted sum that `log_loss` is the mean of, and the sum of the weights."""
    total = weight = 0.0
    for part, values in enumerate(shares):
        rows, truth, weights = known_rows(labels, part)
        given = np.maximum(values[rows, truth], 1e-9)
        total -= float(weights @ np.log(given))
        weight += float(weights.sum())
    return total, weight


def known_rows(labels: Labels, part: int) -> tuple[Integers, Integers, Floats]:
    """The persons whose state of a part is known, these states, and their weights."""
    rows = np.flatnonzero(labels.states[:, part] >= 0)
    return rows, labels.states[rows, part], labels.weights[rows, part]


def _draw(
    labels: Labels, part: int, most: int, rng: np.random.Generator
) -> tuple[Integers, Integers, Floats]:
    """`known_rows`, or so many of them; their weights stand for those of all."""
    rows, truth, weights = known_rows(labels, part)
    if len(rows) <= most:
        return rows, truth, weights
    kept = np.sort(rng.choice(len(rows), most, replace=False))
    return rows[kept], truth[kept], weights[kept] * (len(rows) / most)


def _prepare(
    evidence: Evidence, labels: Labels, prior: Shares, calibrate: bool, seed: int
) -> tuple[Stack, list[Examples]]:
    """The stack without models, which measures quality, and what is known of each part."""
    methods = len(evidence.states[0])
    temperatures = no_temperatures(methods, len(PARTS))
    if calibrate:
        rng = np.random.default_rng(seed)
        known = [_draw(labels, part, MOST_CALIBRATED, rng) for part in range(len(PARTS))]
        temperatures = fit_temperatures(
            [evidence.states[part][:, rows] for part, (rows, _, _) in enumerate(known)],
            [truth for _, truth, _ in known],
            [weights for _, _, weights in known],
        )
    quality = evidence.quality[labels.matched]
    if not len(quality):
        quality = np.zeros((1, evidence.quality.shape[1]))
    base = Stack(
        temperatures, None, None, None, quality.mean(axis=0), np.maximum(quality.std(axis=0), 1e-3)
    )
    rng = np.random.default_rng(seed)
    quality = base.standardise(evidence.quality)
    examples = []
    for part in range(len(PARTS)):
        rows, truth, weights = _draw(labels, part, MOST_EXAMPLES, rng)
        opinions = base.opinions(evidence.states[part][:, rows], prior[part][rows], part)
        examples.append(Examples(opinions.astype(float), quality[rows], truth, weights))
    return base, examples


def _fit_each(
    base: Stack,
    examples: Sequence[Examples],
    candidates: Sequence[Candidate],
    order: Sequence[int],
) -> list[Stack]:
    """A stack for each candidate; a pool that several of them need is fitted once.

    `order`: the methods, the best first.
    """
    pools: dict[float, LogPool] = {}
    fitted = []
    for kind, value in candidates:
        if kind == "best":
            fitted.append(replace(base, methods=tuple(order[: int(value)])))
        elif kind == "mean":
            raw = no_temperatures(*base.temperatures.floor.shape)
            fitted.append(replace(base, temperatures=raw))
        elif kind == "calibrated":
            fitted.append(base)
        else:
            strength = value if kind == "pool" else POOL_STRENGTH
            if strength not in pools:
                pools[strength] = fit_pool(examples, strength)
            regressions = None
            if kind == "regression":
                regressions = [
                    fit_regression(part, least=LEAST_EXAMPLES, strength=value) for part in examples
                ]
            fitted.append(replace(base, pool=pools[strength], regressions=regressions))
    return fitted
