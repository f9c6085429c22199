"""More hypotheses than the detectors give: from neighbouring frames, and from keypoints."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse.boxes import Floats, Integers, width_height
from partparse.decision.evidence import BY_SOURCE, FILLED, Evidence, join_persons
from partparse.decision.gather import find_persons, numbers_after
from partparse.decision.geometry import Geometry
from partparse.decision.smoothing import Chains, link
from partparse.tables import BOX, PERSON_KEY


def fill_gaps(evidence: Evidence, stride: int) -> Evidence:
    """Evidence with the persons that are missing inside tracks.

    Where the tracker left out a person that was found and overlaps the box between the track's
    neighbours, it joins the track; else a person is added, with that box and nothing else.
    """
    chains = link(evidence.persons, stride)
    before, after = _neighbours(chains, np.ones(len(evidence), bool))
    gap = (chains.rows < 0) & (before >= 0) & (after >= 0)
    chain, step = np.nonzero(gap)
    if not len(chain):
        return evidence
    before, after = before[gap], after[gap]
    frame = chains.start[chain] + step * stride
    rows = evidence.persons.iloc[before].reset_index(drop=True).assign(frame=frame)
    rows[BOX] = _between(evidence.persons, before, after, frame)
    scores = evidence.persons["score"].to_numpy()
    rows["score"] = np.minimum(scores[before], scores[after])
    return _adopt(evidence, rows, before)


def _adopt(evidence: Evidence, rows: pd.DataFrame, before: Integers) -> Evidence:
    """Give the tracks of `rows` to untracked persons that they are; add the other rows."""
    persons = evidence.persons.copy()
    free = np.flatnonzero(persons["track"].to_numpy() < 0)
    place = find_persons(rows, persons.iloc[free].reset_index(drop=True), evidence.videos)
    track = persons["track"].to_numpy(np.int32, copy=True)
    track[free[place[place >= 0]]] = rows["track"].to_numpy()[place >= 0]
    persons["track"] = track
    known = replace(evidence, persons=persons)
    new, source = rows[place < 0].reset_index(drop=True), before[place < 0]
    new["person"] = numbers_after(persons, new)
    return _append(known, new, source)


def _append(evidence: Evidence, new: pd.DataFrame, like: Integers) -> Evidence:
    """Add persons of whom only the box and the track are known, sorted in."""
    blank = evidence.take(like)
    unknown = {
        name: np.full_like(getattr(blank, name), np.nan) for name in (*BY_SOURCE, "keypoints")
    }
    unknown["person_boxes"][0] = new[BOX].to_numpy(float)
    unknown["person_scores"][0] = new["score"].to_numpy(float)
    states = [np.full_like(part, np.nan) for part in blank.states]
    origin = np.full(len(new), FILLED)
    added = replace(blank, persons=new, states=states, origin=origin, **unknown)
    persons = pd.concat([evidence.persons, new], ignore_index=True).sort_values(PERSON_KEY)
    return join_persons([evidence, added], persons.index.to_numpy())


def add_neighbours(evidence: Evidence, stride: int) -> Evidence:
    """Hypotheses from the frames before and after in a person's track.

    Of the parts: the first source's boxes there, moved and scaled as the person's box is; two
    sources. Of the person: the box between the two; one source. All NaN without a track.
    """
    chains = link(evidence.persons, stride)
    near = _neighbours(chains, evidence.origin != FILLED)
    here = chains.rows >= 0
    rows, before, after = (steps[here] for steps in (chains.rows, *near))
    person, score = np.full((len(evidence), 4), np.nan), np.full(len(evidence), np.nan)
    both = (before >= 0) & (after >= 0)
    own, first, second = rows[both], before[both], after[both]
    frame = evidence.persons["frame"].to_numpy(np.int64)
    person[own] = _between(evidence.persons, first, second, frame[own])
    known = evidence.persons["score"].to_numpy(float)
    score[own] = np.minimum(known[first], known[second])
    parts, part_scores = zip(
        *(_carry(evidence, rows, some) for some in (before, after)), strict=True
    )
    return replace(
        evidence,
        person_boxes=np.concatenate([evidence.person_boxes, person[None]]),
        person_scores=np.concatenate([evidence.person_scores, score[None]]),
        part_boxes=np.concatenate([evidence.part_boxes, np.stack(parts)]),
        part_scores=np.concatenate([evidence.part_scores, np.stack(part_scores)]),
    )


def add_geometry(evidence: Evidence, geometry: Geometry) -> Evidence:
    """A hypothesis of each part's box from the keypoints; its score is their mean."""
    boxes = geometry.predict(evidence.keypoints)
    score = evidence.keypoints[..., 2].mean(axis=1)
    scores = np.where(np.isfinite(boxes[..., 0]), score[:, None], np.nan)
    return replace(
        evidence,
        part_boxes=np.concatenate([evidence.part_boxes, boxes[None]]),
        part_scores=np.concatenate([evidence.part_scores, scores[None]]),
    )


def _neighbours(chains: Chains, counts: NDArray[np.bool_]) -> tuple[Integers, Integers]:
    """(C, T) each: the last person of a chain before a step and the first after it, or -1.

    Only persons that count are neighbours, (N,).
    """
    seen = (chains.rows >= 0) & np.append(counts, False)[chains.rows]
    steps = np.arange(chains.rows.shape[1])
    last = np.maximum.accumulate(np.where(seen, steps, -1), axis=1)
    late = len(steps)
    following = np.where(seen, steps, late)
    first = np.minimum.accumulate(following[:, ::-1], axis=1)[:, ::-1]
    ahead = np.pad(last, ((0, 0), (1, 0)), constant_values=-1)[:, :-1]
    behind = np.pad(first, ((0, 0), (0, 1)), constant_values=late)[:, 1:]
    rows = np.pad(chains.rows, ((0, 0), (0, 1)), constant_values=-1)
    return (
        np.where(ahead >= 0, np.take_along_axis(rows, np.maximum(ahead, 0), 1), -1),
        np.take_along_axis(rows, behind, 1),
    )


def _between(persons: pd.DataFrame, before: Integers, after: Integers, frame: Integers) -> Floats:
    """(n, 4) the boxes of persons at frames between two others', linear in time."""
    box, time = persons[BOX].to_numpy(float), persons["frame"].to_numpy(float)
    share = (frame - time[before]) / (time[after] - time[before])
    return box[before] + share[:, None] * (box[after] - box[before])


def _carry(evidence: Evidence, rows: Integers, others: Integers) -> tuple[Floats, Floats]:
    """(N, 10, 4), (N, 10): the parts of `others` (n,; -1 for none), moved to persons `rows`."""
    boxes = np.full(evidence.part_boxes.shape[1:], np.nan)
    scores = np.full(evidence.part_scores.shape[1:], np.nan)
    own, other = rows[others >= 0], others[others >= 0]
    person = evidence.persons[BOX].to_numpy(float)
    old, new = person[other][:, None], person[own][:, None]
    scale = width_height(new) / width_height(old)
    parts = evidence.part_boxes[0, other]
    corner, sides = parts[..., :2] - old[..., :2], width_height(parts)
    low = new[..., :2] + corner * scale
    boxes[own] = np.concatenate([low, low + np.maximum(sides * scale, 1) - 1], axis=-1)
    scores[own] = evidence.part_scores[0, other]
    return boxes, scores
