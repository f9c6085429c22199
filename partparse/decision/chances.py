"""How likely things are that earn points: persons that match, parts that are annotated and hit.

Logistic regressions (scikit-learn) on a few features, fitted on val.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from partparse.boxes import Floats, Integers, paired_iou, width_height
from partparse.decision.box_fusion import Fused
from partparse.decision.evidence import FILLED, OTHER, Evidence
from partparse.tables import BOX

_EDGE = 1e-4


@dataclass(frozen=True)
class Logistic:
    """A fitted regression of F features."""

    centre: Floats  # (F,)
    spread: Floats  # (F,)
    coefficients: Floats  # (F,)
    intercept: float

    def predict(self, features: Floats) -> Floats:
        """(rows,) probabilities of (rows, F)."""
        return np.asarray(
            expit((features - self.centre) / self.spread @ self.coefficients + self.intercept)
        )


def fit_logistic(features: Floats, right: NDArray[np.bool_], weights: Floats) -> Logistic:
    """Fit on (rows, F), (rows,) and weights (rows,); a constant where all are alike."""
    used = weights > 0
    features, right, weights = features[used], right[used], weights[used]
    size = features.shape[1]
    if len(np.unique(right)) < 2:
        share = (right.sum() + 0.5) / (len(right) + 1)
        return Logistic(np.zeros(size), np.ones(size), np.zeros(size), float(logit(share)))
    centre, spread = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-3)
    model = LogisticRegression(C=1.0, max_iter=500)
    model.fit((features - centre) / spread, right, sample_weight=weights / weights.mean())
    return Logistic(centre, spread, model.coef_[0], float(model.intercept_[0]))


def person_features(evidence: Evidence, fused: Fused) -> Floats:
    """(N, F): scores of every source, whether it saw the person, the track, and who overlaps it."""
    held = np.isfinite(evidence.person_scores)
    scores = np.where(held, np.nan_to_num(evidence.person_scores), _EDGE)
    tracked = evidence.persons["track"].to_numpy() >= 0
    columns = [
        *logit(np.clip(scores, _EDGE, 1 - _EDGE)),
        *held[1:].astype(float),
        tracked.astype(float),
        (evidence.origin == OTHER).astype(float),
        (evidence.origin == FILLED).astype(float),
        evidence.quality[:, 2],
        evidence.quality[:, 3],
        fused.chance[:, 0],
        shadow(evidence)[0],
    ]
    return np.stack(columns, axis=1)


def shadow(evidence: Evidence) -> tuple[Floats, Integers]:
    """(N,) the largest IoU with a person of higher score in the frame, and (N,) who it is, or -1.

    Second boxes about a person that has one already have a large one.
    """
    frame, score = evidence.frame, evidence.persons["score"].to_numpy(float)
    box = evidence.persons[BOX].to_numpy(float)
    worst, who = np.zeros(len(evidence)), np.full(len(evidence), -1, np.int64)
    order = np.lexsort((-score, frame))
    of = frame[order]
    for step in range(1, int(np.bincount(frame).max(initial=1))):
        same = of[step:] == of[:-step]
        low, high = order[step:][same], order[:-step][same]
        iou = paired_iou(box[low], box[high])
        more = iou > worst[low]
        worst[low[more]], who[low[more]] = iou[more], high[more]
    return worst, who


def part_features(evidence: Evidence, fused: Fused) -> Floats:
    """(N * 10, F): the fused box's chance, the best score, size, person's evidence, the part."""
    slots = fused.chance.shape[1]
    scores = np.nan_to_num(evidence.part_scores)
    with np.errstate(invalid="ignore"):
        area = np.prod(width_height(fused.boxes), axis=-1)
    size = np.log(np.maximum(np.nan_to_num(area), 1)) - evidence.quality[:, :1]
    person = np.repeat(evidence.quality[:, None, 1:], slots, axis=1)
    kinds = np.broadcast_to(np.eye(slots), (len(evidence), slots, slots))
    columns: Sequence[Floats] = [
        logit(np.clip(fused.chance, _EDGE, 1 - _EDGE))[..., None],
        logit(np.clip(scores[0], _EDGE, 1 - _EDGE))[..., None],
        np.isfinite(evidence.part_boxes[..., 0]).mean(axis=0)[..., None],
        size[..., None],
        person,
        kinds,
    ]
    joined = np.concatenate(columns, axis=-1)
    return joined.reshape(len(evidence) * slots, joined.shape[-1])
