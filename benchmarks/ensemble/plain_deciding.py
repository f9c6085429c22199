"""A person's states pooled and smoothed as one would write it first: loops over plain lists."""

import math
from collections.abc import Sequence

Values = list[float]
DOUBT = 0.02


def pool(
    opinions: Sequence[Values],
    prior: Values,
    scales: Sequence[tuple[float, float]],
    weights: Values,
    biases: Values,
) -> Values:
    """P(state) of one part of one person.

    Args:
        opinions: ln P by each method; NaN where a method is silent.
        prior: P(state | action).
        scales: logarithm of the temperature and floor of each method.
        weights: of each method, and of the prior.
        biases: added to the log-odds.
    """
    expected = [math.log(max(value, 1e-12)) for value in prior]
    odds = [bias + weights[-1] * value for bias, value in zip(biases, expected, strict=True)]
    for said, scale, weight in zip(opinions, scales, weights, strict=False):
        heard = expected if math.isnan(said[0]) else calibrate(said, *scale)
        odds = [sum_ + weight * value for sum_, value in zip(odds, heard, strict=True)]
    return softmax(odds)


def calibrate(said: Values, log_temperature: float, floor: float) -> Values:
    """ln of P^(1/T), with a share of the uniform distribution."""
    cooled = softmax([value * math.exp(-log_temperature) for value in said])
    return [math.log((1 - floor) * value + floor / len(said)) for value in cooled]


def smooth(
    track: Sequence[Values | None], prior: Values, matrix: Sequence[Values], trust: float
) -> list[Values]:
    """P(state) of one part at each step of a track; None where the person was not found."""
    others = [likelihood(now, prior, trust) for now in track]
    belief = prior
    expected = []
    for step in range(len(track)):
        if step:
            belief = move(normalise(times(belief, others[step - 1])), matrix)
        expected.append(belief)
    later = [1.0] * len(prior)
    transposed = [list(column) for column in zip(*matrix, strict=True)]
    for step in range(len(track) - 2, -1, -1):
        later = normalise(move(times(later, others[step + 1]), transposed))
        expected[step] = times(expected[step], later)
    return [
        normalise(values) if now is None else judge(now, normalise(values), prior)
        for now, values in zip(track, expected, strict=True)
    ]


def likelihood(now: Values | None, prior: Values, trust: float) -> Values:
    """What a moment says of the others."""
    if now is None:
        return [1.0] * len(prior)
    return [((a + DOUBT) / (b + DOUBT)) ** trust for a, b in zip(now, prior, strict=True)]


def judge(now: Values, expected: Values, prior: Values) -> Values:
    """A moment and what the others say of it."""
    rows = zip(now, expected, prior, strict=True)
    return normalise([a * (b + DOUBT) / (c + DOUBT) for a, b, c in rows])


def move(belief: Values, matrix: Sequence[Values]) -> Values:
    """A step on."""
    moved = [0.0] * len(belief)
    for weight, row in zip(belief, matrix, strict=True):
        for state, share in enumerate(row):
            moved[state] += weight * share
    return moved


def cool(shares: Values, log_temperature: float) -> Values:
    """P^(1/T), normalised."""
    return softmax([math.log(max(p, 1e-12)) * math.exp(-log_temperature) for p in shares])


def softmax(odds: Values) -> Values:
    """Odds to probabilities."""
    most = max(odds)
    return normalise([math.exp(value - most) for value in odds])


def normalise(values: Values) -> Values:
    """To a sum of 1."""
    total = max(sum(values), 1e-30)
    return [value / total for value in values]


def times(a: Values, b: Values) -> Values:
    """State by state."""
    return [x * y for x, y in zip(a, b, strict=True)]
