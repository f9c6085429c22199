"""The metric's arithmetic, on arrays: hits, frame scores, the score's area."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse.boxes import Floats, Integers, paired_iou
from partparse.metric.matching import assign
from partparse.row_keys import codes

Flags = NDArray[np.bool_]

PERSON_IOU = 0.5  # persons match above it
PART_IOU = 0.3  # a part's box hits from it on
STEPS = 10_000
"""Thresholds of the score's area, 1/STEPS apart; the first, 0, and the last, 1, do not count."""


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found."""

    videos: pd.DataFrame
    """A row a video: video, psc, correct (1 where the action is right, else 0)."""
    parts: pd.DataFrame | None = None
    """A row a true part in the counted frames (from tables only): video, frame, person, part,
    matched (its person is), box_hit and state_hit (each on its own, of any proposal), correct
    (both at once)."""

    @property
    def values(self) -> Floats:
        """(videos,) what each video adds to the score: PSC cut to whole steps, 0 if not correct."""
        return video_values(self.videos["psc"].to_numpy(), self.videos["correct"].to_numpy())

    @property
    def score(self) -> float:
        """Area under (share of videos right in action and with PSC >= t) over t; at most 0.9999."""
        return float(self.values.mean()) if len(self.videos) else 0.0


def video_values(psc: Floats, correct: NDArray[Any]) -> Floats:
    """(videos,) PSC and action correctness -> each video's share of the area."""
    thresholds = np.arange(1, STEPS) / STEPS
    return correct * np.searchsorted(thresholds, psc, side="right") / STEPS


def summarise_parts(parts: pd.DataFrame) -> pd.DataFrame:
    """Rates over true parts (`Evaluation.parts`), a row for each part and one for `all`.

    Returns:
        part, truth_parts (how many), person_matched, box_hit, state_given_box (of those whose
        box hits, the share with the right state), correct (the share that earns points); rates
        are NaN where there is nothing to count.
    """
    whole = _rates(parts.assign(part="all"), ["part"])
    return pd.concat([whole, _rates(parts, ["part"])], ignore_index=True)


def summarise_actions(parts: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Rates over the true parts of each action's videos, whatever action was predicted.

    From `Evaluation.parts` and TRUTH: action, part and the columns of `summarise_parts`, a row for
    each pair that occurs.
    """
    place = codes(parts["video"], truth["video"].tolist())
    action, names = pd.factorize(truth["action"], sort=True)
    known = parts[place >= 0]
    given = pd.Categorical.from_codes(action[place[place >= 0]], names)
    return _rates(known.assign(action=given), ["action", "part"])


def _rates(parts: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    summary = parts.groupby(by).agg(
        truth_parts=("matched", "size"),
        person_matched=("matched", "mean"),
        box_hit=("box_hit", "mean"),
        correct=("correct", "mean"),
    )
    summary.insert(3, "state_given_box", parts[parts["box_hit"]].groupby(by)["correct"].mean())
    return summary.reset_index().astype(dict.fromkeys(by, str))


@dataclass(frozen=True)
class Persons:
    """The frames in which the truth has persons, and the persons of both sides in them."""

    frame_video: Integers  # (F,) index of the video
    frame_present: Flags  # (F,) whether the prediction holds the frame
    true_frame: Integers  # (N,) sorted
    true_boxes: Floats  # (N, 4)
    predicted_frame: Integers  # (M,) sorted
    predicted_boxes: Floats  # (M, 4)

    def assigned(self) -> tuple[Integers, Floats]:
        """(N,) the predicted person assigned to each true one, or -1, and (N,) their IoU."""
        return assign(self.true_frame, self.true_boxes, self.predicted_frame, self.predicted_boxes)

    def partners(self) -> Integers:
        """(N,) the predicted person that matches each true one, or -1."""
        partner, iou = self.assigned()
        return np.where(iou > PERSON_IOU, partner, -1)


@dataclass(frozen=True)
class Parts:
    """The true parts, and the proposals of the matched person for them."""

    person: Integers  # (P,) sorted: index of the true person
    boxes: Floats  # (P, 4)
    state: Integers  # (P,) codes
    proposal_part: Integers  # (Q,) index of the true part
    proposal_boxes: Floats  # (Q, 4)
    proposal_state: Integers  # (Q,) codes, -1 for states that the truth has not
    proposals: Integers  # (P,) how many states were proposed

    def hits(self) -> tuple[Flags, Flags, Flags]:
        """(P,) each: some proposal's box hits, some proposal's state does, one does in both."""
        iou = paired_iou(self.boxes[self.proposal_part], self.proposal_boxes)
        near = iou >= PART_IOU
        right = self.state[self.proposal_part] == self.proposal_state
        flags = np.zeros((3, len(self.person)), bool)
        for flag, hit in zip(flags, (near, right, near & right), strict=True):
            flag[self.proposal_part[hit]] = True
        return flags[0], flags[1], flags[2]


def mean_correctness(persons: Persons, parts: Parts, correct: Flags, videos: int) -> Floats:
    """(videos,) the mean frame score of each video; 1 where no frame counts."""
    frames, people = len(persons.frame_video), len(persons.true_frame)
    worth = correct / np.maximum(parts.proposals, 1)
    # bincount adds in order, by person, frame and video in turn, as the evaluator does: another
    # order of summation could fall on the other side of a threshold
    person_worth = np.bincount(parts.person, worth, people)
    frame_worth = np.bincount(persons.true_frame, person_worth, frames)
    frame_parts = np.bincount(persons.true_frame[parts.person], minlength=frames)
    # the evaluator's oddity: a frame without parts counts where the prediction lacks it
    counted = ~persons.frame_present | (frame_parts > 0)
    frame_score = frame_worth / np.maximum(frame_parts, 1)
    total = np.bincount(persons.frame_video, frame_score, videos)
    count = np.bincount(persons.frame_video[counted], minlength=videos)
    return np.where(count > 0, total / np.maximum(count, 1), 1.0)
