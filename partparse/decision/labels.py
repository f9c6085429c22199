"""What the persons of `Evidence` really are: the truth of val videos, to fit and to choose by."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse.boxes import Floats, Integers, paired_iou
from partparse.decision.box_fusion import first_boxes
from partparse.decision.evidence import GIVEN, Evidence
from partparse.decision.state_space import StateSpace
from partparse.metric.psc import PART_IOU, PERSON_IOU
from partparse.metric.rows import match_persons
from partparse.row_keys import codes, find, person_keys
from partparse.tables import BOX, FRAME_KEY, PART_KEY, PERSON_KEY
from partparse.vocabulary import PARTS, PERSON

UNKNOWN = -1
"""State of a part that is not annotated, or has one that its part never has in training."""


@dataclass(frozen=True)
class Labels:
    """The truth about each of the N persons of an `Evidence`."""

    matched: NDArray[np.bool_]
    """(N,) whether the metric's assignment gives it a true person (IoU above one half)."""
    person_boxes: Floats
    """(N, 4) the box of the true person that it is assigned to, however little they overlap; NaN
    where it is assigned to none."""
    states: Integers
    """(N, 10) positions among the part's states; `UNKNOWN`, also of persons without a match."""
    part_boxes: Floats
    """(N, 10, 4) of the matched person's annotated parts; NaN for others."""
    weights: Floats
    """(N, 10) what a part adds to its video's PSC if it is right; 0 where it is not annotated.
    A video's sum to the share of its true parts whose person is matched."""
    hits: NDArray[np.bool_]
    """(N, 10) whether the first detector's box of a part hits, of the persons that are submitted
    without a decision."""
    actions: Integers
    """(V,) position of each video's action; -1 where it is none of the known."""

    def take(self, rows: Any) -> "Labels":
        """The labels of some persons; the videos stay."""
        of_persons = ("matched", "person_boxes", "states", "part_boxes", "weights", "hits")
        return replace(self, **{name: getattr(self, name)[rows] for name in of_persons})

    def psc(self, states: Integers, video: Integers) -> Floats:
        """(V,) what states (N, 10) are worth with the first detector's boxes.

        `video` (N,) is the position of each person's video.
        """
        earned = self.weights * (self.hits & (states == self.states))
        return np.bincount(video, earned.sum(axis=1), len(self.actions)).astype(float)


def label(
    evidence: Evidence,
    annotations: pd.DataFrame,
    actions: pd.Series,
    names: tuple[str, ...],
    space: StateSpace,
) -> Labels:
    """Labels of all persons of `evidence`.

    From ANNOTATIONS of the frames that were scored, and the true actions, indexed by video; `names`
    are those of all actions, in their order.
    """
    videos = list(evidence.videos)
    annotations = annotations[annotations["video"].isin(videos)]
    true_persons = annotations[annotations["part"] == PERSON].sort_values(
        PERSON_KEY, ignore_index=True
    )
    partner, iou = _partners(evidence, annotations, true_persons, videos)
    assigned = partner >= 0
    person_boxes = np.full((len(evidence), 4), np.nan)
    person_boxes[assigned] = true_persons[BOX].to_numpy(float)[partner[assigned]]
    matched = assigned & (iou > PERSON_IOU)
    states, part_boxes, weights = _parts(
        annotations[annotations["part"] != PERSON], true_persons, space, videos
    )
    place = np.where(matched, partner, -1)
    true_boxes = np.append(part_boxes, np.full((1, len(PARTS), 4), np.nan), axis=0)[place]
    near = np.nan_to_num(paired_iou(first_boxes(evidence.part_boxes), true_boxes)) >= PART_IOU
    return Labels(
        matched=matched,
        person_boxes=person_boxes,
        states=np.append(states, np.full((1, len(PARTS)), UNKNOWN), axis=0)[place],
        part_boxes=true_boxes,
        hits=near & (evidence.origin == GIVEN)[:, None],
        weights=np.append(weights, np.zeros((1, len(PARTS))), axis=0)[place],
        actions=codes(actions.reindex(videos), names),
    )


def _partners(
    evidence: Evidence, annotations: pd.DataFrame, true_persons: pd.DataFrame, videos: list[str]
) -> tuple[Integers, Floats]:
    """(N,) the true person that each is assigned to, or -1, and (N,) their IoU."""
    columns = [*PART_KEY, *BOX, "state"]
    ours = evidence.persons.assign(part=PERSON, state=None)[columns]
    pairs = match_persons(annotations, ours, videos)
    pairs = pairs[pairs["iou"] > 0]
    true = find(person_keys(pairs, videos), person_keys(true_persons, videos))
    mine = find(
        person_keys(pairs.assign(person=pairs["partner"]), videos),
        person_keys(evidence.persons, videos),
    )
    partner = np.full(len(evidence), -1, np.int64)
    overlap = np.zeros(len(evidence))
    partner[mine], overlap[mine] = true, pairs["iou"]
    return partner, overlap


def _parts(
    parts: pd.DataFrame, persons: pd.DataFrame, space: StateSpace, videos: list[str]
) -> tuple[Integers, Floats, Floats]:
    """States (T, 10), boxes (T, 10, 4) and weights (T, 10) of the parts of T true persons."""
    owner = find(person_keys(parts, videos), person_keys(persons, videos))
    place = codes(parts["part"], PARTS)
    states = np.full((len(persons), len(PARTS)), UNKNOWN, np.int64)
    boxes = np.full((len(persons), len(PARTS), 4), np.nan)
    weights = np.zeros((len(persons), len(PARTS)))
    states[owner, place] = space.encode(parts["state"], place)
    boxes[owner, place] = parts[BOX].to_numpy(float)
    in_frame = parts.groupby(FRAME_KEY)["part"].transform("size").to_numpy()
    frames = parts.groupby("video")["frame"].transform("nunique").to_numpy()
    weights[owner, place] = 1 / (in_frame * frames)
    return states, boxes, weights
