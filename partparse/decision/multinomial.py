"""Stacking by multinomial regression: a model for each part over all opinions at once.

Wolpert, "Stacked Generalization", Neural Networks 1992, with scikit-learn's penalised logistic
regression. A state with fewer examples than asked for is left to another model's probability, and
the regression shares out the rest.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from partparse.boxes import Floats, Integers


@dataclass(frozen=True)
class Examples:
    """N persons of whom the state of a part is known."""

    opinions: Floats
    """(J, N, K) ln P(state) by each method, all finite; the last is the prior of the action."""
    quality: Floats  # (N, Q) how well each person can be judged, standardised
    truth: Integers  # (N,) the true state
    weights: Floats  # (N,) in shares of a video


@dataclass(frozen=True)
class Regression:
    """One part's regression on F features."""

    classes: Integers  # (C,) the states it knows; fewer than two: it says nothing
    mean: Floats  # (F,) of the features
    scale: Floats  # (F,) their deviation
    coefficients: Floats  # (F, C)
    intercepts: Floats  # (C,)

    def predict(self, opinions: Floats, quality: Floats, other: Floats) -> Floats:
        """(N, K) P(state) of opinions (J, N, K) and quality (N, Q).

        `other` (N, K) are the probabilities of the model that knows all states: those that the
        regression does not know keep theirs.
        """
        if len(self.classes) < 2:
            return other
        features = (_features(opinions, quality) - self.mean) / self.scale
        known = softmax(features @ self.coefficients + self.intercepts, axis=1)
        share = other[:, self.classes].sum(axis=1, keepdims=True)
        mixed = other.copy()
        mixed[:, self.classes] = known * share
        return mixed


def fit_regression(examples: Examples, *, least: int, strength: float) -> Regression:
    """Fit one part's regression.

    Args:
        examples: of the part.
        least: examples that a state needs to be known.
        strength: of the ridge penalty: scikit-learn's 1 / C, weights being scaled to a mean of 1.
    """
    opinions, truth = examples.opinions, examples.truth
    counts = np.bincount(truth, minlength=opinions.shape[2])
    classes = np.flatnonzero(counts >= least)
    own = np.isin(truth, classes)
    features, weights = _features(opinions[:, own], examples.quality[own]), examples.weights[own]
    if len(classes) < 2:
        size = features.shape[1]
        none = np.zeros((size, len(classes)))
        return Regression(classes, np.zeros(size), np.ones(size), none, np.zeros(len(classes)))
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    deviation = np.where(deviation > 1e-6, deviation, 1.0)
    # the penalty sees the scale of features: all are brought to the same
    model = LogisticRegression(C=1 / strength, max_iter=200, tol=1e-3)
    model.fit((features - mean) / deviation, truth[own], sample_weight=weights / weights.mean())
    coefficients, intercepts = model.coef_.T, model.intercept_
    if len(classes) == 2:  # scikit-learn keeps only the second class's log-odds
        coefficients = np.concatenate([np.zeros_like(coefficients), coefficients], axis=1)
        intercepts = np.append(0.0, intercepts)
    return Regression(classes, mean, deviation, coefficients, intercepts)


def _features(opinions: Floats, quality: Floats) -> Floats:
    """(N, F): log-probabilities about their mean, then quality."""
    centred = opinions - opinions.mean(axis=2, keepdims=True)
    rows = np.moveaxis(centred, 0, 1).reshape(opinions.shape[1], len(opinions) * opinions.shape[2])
    return np.concatenate([rows, quality], axis=1)
