"""The boxes of persons and parts, and how likely they earn points: all but the states."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from partparse.boxes import paired_iou
from partparse.ensemble.box_fusion import BoxFusion, Fused, Hypotheses, fit_fusion, fuse
from partparse.ensemble.chances import Logistic, fit_logistic, part_features, person_features
from partparse.ensemble.evidence import Evidence
from partparse.ensemble.labels import Labels
from partparse.metric.psc import PART_IOU, PERSON_IOU
from partparse.vocabulary import PART_GROUPS, PARTS

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class BoxModel:
    """What val taught about boxes."""

    persons: BoxFusion
    parts: BoxFusion
    matched: Logistic
    """P(the metric matches a person)."""
    annotated: Logistic
    """P(a part is annotated | its person matches)."""
    hit: Logistic
    """P(a part's box hits | it is annotated)."""


@dataclass(frozen=True)
class Boxes:
    """What is decided of N persons whatever the action."""

    persons: Fused
    """Of one slot."""
    parts: Fused
    """Of ten slots."""
    matched: Floats
    """(N,) P(the metric matches the person)."""
    annotated: Floats
    """(N, 10) P(the part is annotated | matched)."""
    hit: Floats
    """(N, 10) P(the box hits | annotated); 0 where there is none."""

    def chances_of(self, rows: NDArray[np.bool_]) -> "Boxes":
        """The probabilities of some persons; the boxes stay those of all."""
        return replace(
            self,
            matched=self.matched[rows],
            annotated=self.annotated[rows],
            hit=self.hit[rows],
        )


def fit_boxes(evidence: Evidence, labels: Labels, how: str, seed: int) -> BoxModel:
    """Fit on val; `how` is one of `box_fusion.FUSIONS`."""
    near = np.isfinite(labels.person_boxes[:, 0])
    persons = fit_fusion(
        of_persons(evidence).take(near),
        labels.person_boxes[near][:, None],
        np.ones((near.sum(), 1)),
        threshold=PERSON_IOU,
        groups=[[0]],
        how=how,
        seed=seed,
    )
    own, known = evidence.take(labels.matched), labels.take(labels.matched)
    parts = fit_fusion(
        of_parts(own),
        known.part_boxes,
        known.weights,
        threshold=PART_IOU,
        groups=[[PARTS.index(part) for part in group] for group in PART_GROUPS.values()],
        how=how,
        seed=seed,
    )
    features = person_features(evidence, fuse(persons, of_persons(evidence), how))
    fused = fuse(parts, of_parts(own), how)
    of_part, weights = part_features(own, fused), known.weights.ravel()
    hits = np.nan_to_num(paired_iou(fused.boxes, known.part_boxes)) >= PART_IOU
    return BoxModel(
        persons,
        parts,
        matched=fit_logistic(features, labels.matched, np.ones(len(evidence))),
        annotated=fit_logistic(of_part, weights > 0, np.ones(len(weights))),
        hit=fit_logistic(of_part, hits.ravel(), weights),
    )


def decide_boxes(evidence: Evidence, model: BoxModel, how: str) -> Boxes:
    """The boxes of every person, fused by `how`, and the chances that they earn points."""
    persons = fuse(model.persons, of_persons(evidence), how)
    parts = fuse(model.parts, of_parts(evidence), how)
    features = part_features(evidence, parts)
    shape = (len(evidence), len(PARTS))
    held = np.isfinite(parts.boxes[..., 0])
    return Boxes(
        persons,
        parts,
        model.matched.predict(person_features(evidence, persons)),
        model.annotated.predict(features).reshape(shape),
        np.where(held, model.hit.predict(features).reshape(shape), 0),
    )


def of_persons(evidence: Evidence) -> Hypotheses:
    """The hypotheses of persons' boxes: one slot."""
    return Hypotheses(evidence.person_boxes[:, :, None], evidence.person_scores[:, :, None])


def of_parts(evidence: Evidence) -> Hypotheses:
    """The hypotheses of parts' boxes: ten slots."""
    return Hypotheses(evidence.part_boxes, evidence.part_scores)
