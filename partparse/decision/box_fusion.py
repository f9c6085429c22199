"""One box out of many hypotheses: the one most likely to hit.

The truth is taken to lie near one of the hypotheses: near which, says a reliability fitted on val
(from the source's score, and how many others agree); how near, the errors that the source made on
val. The emitted box maximises the expected chance that its IoU with the truth reaches a threshold
(minimum Bayes risk, as Kumar and Byrne, NAACL 2004, have it for translations). The plainer fusions
that it is compared with: the first source, the coordinates' median, and their mean weighted by
score (Solovyev, Wang, Gabruseva, "Weighted boxes fusion", 2021).

Arrays are (H, N, S, 4): hypotheses, persons, slots (the ten parts, or the person alone).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from partparse.boxes import Floats, enlarge, paired_iou, width_height

ENLARGEMENTS = (1.0, 1.1, 1.2, 1.35, 1.5)
ERRORS = 8  # errors of each source and slot that the truth is drawn with
_BATCH = 2000  # persons whose risks are computed at once
_EDGE = 1e-4  # scores are kept this far from 0 and 1


@dataclass(frozen=True)
class BoxFusion:
    """What val taught about the hypotheses of S slots."""

    threshold: float
    """IoU from which a box hits."""
    reliability: Floats
    """(H, 2 + S): coefficients of a source's score, of the others' agreement, of each slot."""
    errors: Floats
    """(H, S, R, 4): moves of the centre in sides of the hypothesis, ln of the factors of them."""
    enlargement: Floats
    """(S,) factor that the emitted box's sides are multiplied by."""


@dataclass(frozen=True)
class Fused:
    """The boxes emitted."""

    boxes: Floats
    """(N, S, 4); NaN where there is no hypothesis."""
    chance: Floats
    """(N, S) the expected chance of a hit, before it is calibrated; 0 where there is no box."""


@dataclass(frozen=True)
class Hypotheses:
    """What H sources say of the boxes of S slots of N persons."""

    boxes: Floats  # (H, N, S, 4); NaN where there is none
    scores: Floats  # (H, N, S) in [0, 1]; NaN

    def take(self, rows: NDArray[np.bool_] | slice) -> "Hypotheses":
        """Of some persons."""
        return Hypotheses(self.boxes[:, rows], self.scores[:, rows])


def fit_fusions(
    given: Hypotheses,
    truth: Floats,
    weights: Floats,
    *,
    threshold: float,
    groups: Sequence[Sequence[int]],
    hows: Sequence[str],
    seed: int,
) -> dict[str, BoxFusion]:
    """Fit on N persons whose true boxes are known, for each of several fusions.

    Args:
        given: the hypotheses.
        truth: (N, S, 4); NaN where a part is not annotated.
        weights: (N, S).
        threshold: IoU from which a box hits.
        groups: slots that share an enlargement (left and right).
        hows: the fusions, of `settings.FUSIONS`, whose boxes are enlarged; those of `first` stay
            as they are.
        seed: of the choice of errors.
    """
    known = np.isfinite(given.boxes[..., 0]) & np.isfinite(truth[..., 0])
    iou = paired_iou(given.boxes, truth)
    reliability = np.stack(
        [
            _fit_hits(_features(given, source, threshold), iou[source] >= threshold, known[source])
            for source in range(len(given.boxes))
        ]
    )
    errors = _draw_errors(given.boxes, truth, iou, np.random.default_rng(seed))
    plain = BoxFusion(threshold, reliability, errors, np.ones(truth.shape[1]))
    return {
        how: plain
        if how == "first"
        else _enlarge(plain, given, truth, weights, groups=groups, how=how)
        for how in hows
    }


def _enlarge(
    plain: BoxFusion,
    given: Hypotheses,
    truth: Floats,
    weights: Floats,
    *,
    groups: Sequence[Sequence[int]],
    how: str,
) -> BoxFusion:
    """With the factors that hit most, as `fit_fusions` takes it all."""
    factors, fused = np.ones(truth.shape[1]), fuse(plain, given, how).boxes
    for group in groups:
        overlaps = (
            paired_iou(enlarge(fused[:, group], factor), truth[:, group]) for factor in ENLARGEMENTS
        )
        hits = [np.sum(weights[:, group] * (values >= plain.threshold)) for values in overlaps]
        factors[group] = ENLARGEMENTS[int(np.argmax(hits))]
    return replace(plain, enlargement=factors)


def fuse(model: BoxFusion, given: Hypotheses, how: str) -> Fused:
    """The emitted box of each slot of each person, by one of `settings.FUSIONS`."""
    count = given.boxes.shape[1]
    batches = [slice(start, start + _BATCH) for start in range(0, max(count, 1), _BATCH)]
    pieces = [_fuse_batch(model, given.take(own), how) for own in batches]
    emitted = np.concatenate([piece.boxes for piece in pieces])
    return Fused(
        enlarge(emitted, model.enlargement[None, :, None]),
        np.concatenate([piece.chance for piece in pieces]),
    )


def _fuse_batch(model: BoxFusion, given: Hypotheses, how: str) -> Fused:
    boxes, held = given.boxes, np.isfinite(given.boxes[..., 0])
    trust = np.nan_to_num(reliabilities(model, given))
    if how == "first":
        emitted = first_boxes(boxes)
    elif how == "median":
        emitted = weighted_median(boxes, held.astype(float))
    elif how == "weighted":
        emitted = weighted_mean(boxes, np.where(held, np.maximum(given.scores, _EDGE), 0))
    else:
        return _least_risk(model, boxes, trust)
    chance = expected_hits(model, emitted[None], boxes, trust)[0]
    return Fused(emitted, chance)


def first_boxes(boxes: Floats) -> Floats:
    """(N, S, 4) of the hypotheses (H, N, S, 4) those of the first source that has one."""
    first = np.argmax(np.isfinite(boxes[..., 0]), axis=0)
    return np.take_along_axis(boxes, first[None, ..., None], axis=0)[0]


def reliabilities(model: BoxFusion, given: Hypotheses) -> Floats:
    """(H, N, S) how likely each hypothesis hits; NaN where there is none."""
    values = [
        expit(_features(given, source, model.threshold) @ model.reliability[source])
        for source in range(len(given.boxes))
    ]
    return np.where(np.isfinite(given.boxes[..., 0]), np.stack(values), np.nan)


def _least_risk(model: BoxFusion, boxes: Floats, trust: Floats) -> Fused:
    """Of the hypotheses, their median and their mean, the one with the best expected chance."""
    candidates = np.concatenate(
        [boxes, weighted_median(boxes, trust)[None], weighted_mean(boxes, trust)[None]]
    )
    chance = expected_hits(model, candidates, boxes, trust)
    best = np.argmax(np.where(np.isfinite(candidates[..., 0]), chance, -1), axis=0)
    return Fused(
        np.take_along_axis(candidates, best[None, ..., None], axis=0)[0],
        np.take_along_axis(chance, best[None], axis=0)[0],
    )


def expected_hits(model: BoxFusion, candidates: Floats, boxes: Floats, trust: Floats) -> Floats:
    """(C, N, S) the chance that candidates (C, N, S, 4) hit the truth, as hypotheses spread it."""
    total = np.maximum(trust.sum(axis=0), _EDGE)
    chance = np.zeros(candidates.shape[:3], np.float32)
    small = candidates.astype(np.float32)
    for source, weight in enumerate(trust / total):
        if not weight.any():  # another has all that it says
            continue
        samples = _move(boxes[source][:, :, None], model.errors[source][None]).astype(np.float32)
        for sample in range(samples.shape[2]):
            hits = _iou32(small, samples[None, :, :, sample]) >= model.threshold
            chance += hits * (weight / samples.shape[2]).astype(np.float32)
    return chance


def _iou32(a: Floats, b: Floats) -> Floats:
    """IoU in float32; 0 where one is NaN."""
    width = np.minimum(a[..., 2], b[..., 2]) - np.maximum(a[..., 0], b[..., 0]) + 1
    height = np.minimum(a[..., 3], b[..., 3]) - np.maximum(a[..., 1], b[..., 1]) + 1
    inter = np.maximum(width, 0) * np.maximum(height, 0)
    area_a = (a[..., 2] - a[..., 0] + 1) * (a[..., 3] - a[..., 1] + 1)
    area_b = (b[..., 2] - b[..., 0] + 1) * (b[..., 3] - b[..., 1] + 1)
    return np.nan_to_num(inter / (area_a + area_b - inter))


def _move(boxes: Floats, errors: Floats) -> Floats:
    """Boxes (..., 4) with errors (..., 4) as in `BoxFusion.errors`."""
    sides = width_height(boxes)
    centre = (boxes[..., :2] + boxes[..., 2:]) / 2 + errors[..., :2] * sides
    half = (sides * np.exp(errors[..., 2:]) - 1) / 2
    return np.concatenate([centre - half, centre + half], axis=-1)


def _errors_of(boxes: Floats, truth: Floats) -> Floats:
    """The errors (..., 4) that move boxes to the truth."""
    sides = width_height(boxes)
    true_sides = width_height(truth)
    shift = (truth[..., :2] + truth[..., 2:] - boxes[..., :2] - boxes[..., 2:]) / 2 / sides
    return np.concatenate([shift, np.log(np.maximum(true_sides, 1) / np.maximum(sides, 1))], -1)


def _draw_errors(boxes: Floats, truth: Floats, iou: Floats, rng: np.random.Generator) -> Floats:
    """(H, S, R, 4) of hypotheses that lie near the truth; the rest is what reliability is for.

    A source and slot without enough of them takes those of all slots, then no error at all.
    """
    errors = np.zeros((len(boxes), boxes.shape[2], ERRORS, 4))
    for source in range(len(boxes)):
        near = iou[source] > 0.1
        of_all = _errors_of(boxes[source][near], truth[near])
        for slot in range(boxes.shape[2]):
            own = near[:, slot]
            found = _errors_of(boxes[source][own, slot], truth[own, slot])
            found = found if len(found) >= ERRORS else of_all
            if len(found) >= ERRORS:
                errors[source, slot] = rng.choice(found, ERRORS, replace=False)
    return errors


def _features(given: Hypotheses, source: int, threshold: float) -> Floats:
    """(N, S, 2 + S): log-odds of the score, share of the others that agree, the slot."""
    boxes, scores = given.boxes, given.scores
    others = [other for other in range(len(boxes)) if other != source]
    agree = np.zeros(boxes.shape[1:3])
    if others:
        near = [_iou32(boxes[source], boxes[other]) >= threshold for other in others]
        held = np.isfinite(boxes[others][..., 0]).sum(axis=0)
        agree = np.sum(near, axis=0) / np.maximum(held, 1)
    score = logit(np.clip(np.nan_to_num(scores[source]), _EDGE, 1 - _EDGE))
    slots = np.broadcast_to(np.eye(boxes.shape[2]), (*agree.shape, boxes.shape[2]))
    return np.concatenate([score[..., None], agree[..., None], slots], axis=-1)


def _fit_hits(features: Floats, hits: NDArray[np.bool_], known: NDArray[np.bool_]) -> Floats:
    """(F,) coefficients of a logistic regression; a constant one where all or none hit."""
    rows, right = features[known], hits[known]
    if len(np.unique(right)) < 2:
        share = (right.sum() + 0.5) / (len(right) + 1)
        return np.append(np.zeros(2), np.full(features.shape[-1] - 2, logit(share)))
    return LogisticRegression(fit_intercept=False, max_iter=500).fit(rows, right).coef_[0]


def weighted_mean(boxes: Floats, weights: Floats) -> Floats:
    """(N, S, 4) mean over the hypotheses (H, N, S, 4) by weights (H, N, S); NaN without any."""
    total = weights.sum(axis=0)[..., None]
    summed = (np.nan_to_num(boxes) * weights[..., None]).sum(axis=0)
    return np.divide(summed, total, out=np.full_like(summed, np.nan), where=total > 0)


def weighted_median(boxes: Floats, weights: Floats) -> Floats:
    """(N, S, 4) median of each coordinate by weights (H, N, S); NaN without any."""
    order = np.argsort(boxes, axis=0)  # NaN last
    ordered = np.take_along_axis(boxes, order, axis=0)
    spread = np.broadcast_to(weights[..., None], boxes.shape)
    heaped = np.cumsum(np.take_along_axis(spread, order, axis=0), axis=0)
    middle = np.argmax(heaped >= heaped[-1:] / 2, axis=0)
    return np.take_along_axis(ordered, middle[None], axis=0)[0]
