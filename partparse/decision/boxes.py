"""The boxes of persons and parts, and how likely they earn points: all but the states."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from partparse.boxes import Floats, paired_iou
from partparse.decision.box_fusion import BoxFusion, Fused, Hypotheses, fit_fusions, fuse
from partparse.decision.chances import Logistic, fit_logistic, part_features, person_features
from partparse.decision.evidence import Evidence, video_halves
from partparse.decision.labels import Labels
from partparse.metric.psc import PART_IOU, PERSON_IOU
from partparse.vocabulary import PART_GROUPS, PARTS


@dataclass(frozen=True)
class BoxModel:
    """What val taught about boxes."""

    how: str  # hypotheses become one: one of `settings.FUSIONS`
    persons: BoxFusion
    parts: BoxFusion
    matched: Logistic  # P(the metric matches a person)
    annotated: Logistic  # P(a part is annotated | its person matches)
    hit: Logistic  # P(a part's box hits | it is annotated)


@dataclass(frozen=True)
class Boxes:
    """What is decided of N persons whatever the action."""

    persons: Fused  # of one slot
    parts: Fused  # of ten slots
    matched: Floats  # (N,) P(the metric matches the person)
    annotated: Floats  # (N, 10) P(the part is annotated | matched)
    hit: Floats  # (N, 10) P(the box hits | annotated); 0 where there is none

    def chances_of(self, rows: NDArray[np.bool_]) -> "Boxes":
        """The probabilities of some persons; the boxes stay those of all."""
        return replace(
            self, matched=self.matched[rows], annotated=self.annotated[rows], hit=self.hit[rows]
        )


def fit_boxes(
    evidence: Evidence, labels: Labels, hows: Sequence[str], seed: int
) -> list[tuple[BoxModel, Boxes]]:
    """Fit on val; `hows` are some of `settings.FUSIONS`.

    Returns of each the model, and what fusions that did not see a video make of its boxes: on those
    of its own videos a fusion looks better than it is, so that the chances are fitted on these.
    """
    evidence = evidence.without_states()
    halves = video_halves(evidence)
    fusions = [
        _fit_fusions(evidence.take(halves != half), labels.take(halves != half), hows, seed)
        for half in (0, 1)
    ]
    of_all = _fit_fusions(evidence, labels, hows, seed)
    return [
        _fit_chances(evidence, labels, how, of_all[how], [half[how] for half in fusions])
        for how in hows
    ]


def _fit_chances(
    evidence: Evidence,
    labels: Labels,
    how: str,
    fitted: tuple[BoxFusion, BoxFusion],
    held_out: Sequence[tuple[BoxFusion, BoxFusion]],
) -> tuple[BoxModel, Boxes]:
    """As `fit_boxes`, by fusions of persons and parts fitted on all, and without each half."""
    halves = video_halves(evidence)
    persons = Fused(np.zeros((len(evidence), 1, 4)), np.zeros((len(evidence), 1)))
    parts = Fused(np.zeros((len(evidence), len(PARTS), 4)), np.zeros((len(evidence), len(PARTS))))
    for half, fusions in enumerate(held_out):
        unseen = halves == half
        some = evidence.take(unseen)
        found = fuse(fusions[0], of_persons(some), how), fuse(fusions[1], of_parts(some), how)
        for whole, piece in zip((persons, parts), found, strict=True):
            whole.boxes[unseen], whole.chance[unseen] = piece.boxes, piece.chance
    own, known = evidence.take(labels.matched), labels.take(labels.matched)
    fused = Fused(parts.boxes[labels.matched], parts.chance[labels.matched])
    features, weights = part_features(own, fused), known.weights.ravel()
    hits = np.nan_to_num(paired_iou(fused.boxes, known.part_boxes)) >= PART_IOU
    model = BoxModel(
        how,
        *fitted,
        matched=fit_logistic(
            person_features(evidence, persons), labels.matched, np.ones(len(evidence))
        ),
        annotated=fit_logistic(features, weights > 0, np.ones(len(weights))),
        hit=fit_logistic(features, hits.ravel(), weights),
    )
    return model, _with_chances(evidence, model, persons, parts)


def _fit_fusions(
    evidence: Evidence, labels: Labels, hows: Sequence[str], seed: int
) -> dict[str, tuple[BoxFusion, BoxFusion]]:
    """Of persons and of parts; they differ in the enlargement alone."""
    near = np.isfinite(labels.person_boxes[:, 0])
    persons = fit_fusions(
        of_persons(evidence).take(near),
        labels.person_boxes[near][:, None],
        np.ones((near.sum(), 1)),
        threshold=PERSON_IOU,
        groups=[[0]],
        hows=hows,
        seed=seed,
    )
    known = labels.take(labels.matched)
    parts = fit_fusions(
        of_parts(evidence).take(labels.matched),
        known.part_boxes,
        known.weights,
        threshold=PART_IOU,
        groups=[[PARTS.index(part) for part in group] for group in PART_GROUPS.values()],
        hows=hows,
        seed=seed,
    )
    return {how: (persons[how], parts[how]) for how in hows}


def decide_boxes(evidence: Evidence, model: BoxModel) -> Boxes:
    """The boxes of every person, and the chances that they earn points."""
    persons = fuse(model.persons, of_persons(evidence), model.how)
    parts = fuse(model.parts, of_parts(evidence), model.how)
    return _with_chances(evidence, model, persons, parts)


def _with_chances(evidence: Evidence, model: BoxModel, persons: Fused, parts: Fused) -> Boxes:
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
