"""Which persons are submitted: up to ten a frame, so that as many true ones as can be are matched.

More persons cost nothing by themselves. But the assignment maximises the sum of overlaps, so that
a second box about a person may take the match from the first: what that one says of states and
parts should then be the same.
"""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse.boxes import Floats, Integers, paired_iou
from partparse.challenge.format import MAX_HUMANS
from partparse.decision.box_fusion import Fused
from partparse.decision.boxes import Boxes
from partparse.decision.chances import shadow
from partparse.decision.evidence import FILLED, GIVEN, OTHER, Evidence
from partparse.decision.stacking import ChosenStates
from partparse.decision.state_space import StateSpace
from partparse.tables import BOX, FRAME_KEY, PARSES, PERSON_KEY, checked
from partparse.vocabulary import PARTS, PERSON

TIED = 0.5  # persons of a frame that overlap more may take each other's match
_DOUBLE = (0.4, 0.85)
"""IoU of a second box about a person with its first: another, but about the same."""


@dataclass(frozen=True)
class SlotPolicy:
    """What the slots are filled with beside the given persons."""

    ranked: bool  # by the chance that they match; else by the detector's score
    others: bool  # persons that another detector found
    filled: bool  # persons missing inside tracks
    tied: bool  # a second box about a person says what the first says
    doubled: bool  # free slots take another hypothesis of a person's box, saying the same


PLAIN = SlotPolicy(ranked=False, others=False, filled=False, tied=False, doubled=False)

STEPS = tuple(field.name for field in fields(SlotPolicy))
"""The order in which a policy is grown, each step being kept if it helps."""


def assemble(
    evidence: Evidence, space: StateSpace, chosen: ChosenStates, boxes: Boxes, policy: SlotPolicy
) -> pd.DataFrame:
    """The PARSES table of what is submitted of N persons, by a policy.

    Parts without a box are left out.
    """
    origins = [GIVEN, *[OTHER] * policy.others, *[FILLED] * policy.filled]
    kept = np.isin(evidence.origin, origins)
    score = boxes.matched if policy.ranked else evidence.persons["score"].to_numpy(float)
    speaker = _speakers(evidence, kept) if policy.tied else np.arange(len(evidence))
    kept &= _rank(evidence.frame, np.where(kept, score, -1)) < MAX_HUMANS
    rows = np.flatnonzero(kept)
    table = evidence.persons.iloc[rows][PERSON_KEY].assign(score=score[rows])
    table[BOX] = boxes.persons.boxes[rows, 0]
    table["speaker"] = speaker[rows]
    if policy.doubled:
        table = pd.concat([table, _doubles(evidence, rows, boxes.persons, score, speaker)])
        place = _rank(table.groupby(FRAME_KEY).ngroup().to_numpy(), table["score"])
        table = table[place < MAX_HUMANS]
    return _tabulate(table.reset_index(drop=True), space, chosen, boxes.parts)


def _speakers(evidence: Evidence, kept: NDArray[np.bool_]) -> Integers:
    """(N,) whose states and parts a person is submitted with: its own, or a better person's."""
    overlap, who = shadow(evidence)
    own = np.arange(len(evidence))
    tied = kept & (overlap > TIED) & np.append(kept, False)[who]
    speaker = np.where(tied, who, own)
    # a chain of overlapping persons ends at the best of them
    for _ in range(MAX_HUMANS):
        speaker = speaker[speaker]
    return speaker


def _rank(frame: Integers, score: Floats) -> Integers:
    """(N,) 0 for the best of each frame, 1 for the next, …"""
    order = np.lexsort((-np.asarray(score), frame))
    ordered = np.asarray(frame)[order]
    first = np.searchsorted(ordered, ordered)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - first
    return rank


def _doubles(
    evidence: Evidence, rows: Integers, persons: Fused, score: Floats, speaker: Integers
) -> pd.DataFrame:
    """Second boxes: of each person the hypothesis that differs most, while it is about the same."""
    boxes = evidence.person_boxes[:, rows]
    iou = np.nan_to_num(paired_iou(boxes, np.broadcast_to(persons.boxes[rows, 0], boxes.shape)))
    fits = (iou >= _DOUBLE[0]) & (iou <= _DOUBLE[1])
    which = np.argmin(np.where(fits, iou, 2), axis=0)
    has = fits.any(axis=0)
    own = rows[has]
    table = evidence.persons.iloc[own][PERSON_KEY].copy()
    last = evidence.persons["person"].groupby(evidence.frame).max().to_numpy()
    table["person"] += last[evidence.frame[own]]
    # after all first boxes, in their order
    table["score"] = score[own] * 1e-3
    table[BOX] = boxes[which[has], np.flatnonzero(has)]
    return table.assign(speaker=speaker[own])


def _tabulate(
    table: pd.DataFrame, space: StateSpace, chosen: ChosenStates, parts: Fused
) -> pd.DataFrame:
    """PARSES from the persons (with `speaker`) and what the speakers' parts are."""
    speaker = table["speaker"].to_numpy(np.int64)
    names = [np.array(held, object) for held in space.states]
    pieces = [table.assign(part=PERSON, state=None, state_probability=np.float32(np.nan))]
    for index, part in enumerate(PARTS):
        box = parts.boxes[speaker, index]
        held = np.isfinite(box).all(axis=1)
        own = speaker[held]
        rows = table[held].assign(
            part=part,
            state=names[index][chosen.states[own, index]],
            state_probability=np.clip(chosen.chance[own, index], 0, 1).astype(np.float32),
        )
        rows[BOX] = box[held]
        rows["score"] = np.clip(parts.chance[own, index], 0, 1)
        pieces.append(rows)
    joined = pd.concat(pieces, ignore_index=True).drop(columns="speaker")
    return checked(joined, PARSES)
