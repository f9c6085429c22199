"""The submission with the highest expected score, from what all methods say.

The score is close to the mean over videos of P(action right) times PSC. So the action is the one
with the largest product of its probability and the PSC expected of it; the states are those that
are likeliest if that action is right, since with a wrong one the video scores nothing anyway.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from partparse import tables
from partparse.boxes import Floats, Integers
from partparse.decision.boxes import Boxes, decide_boxes
from partparse.decision.evidence import Evidence
from partparse.decision.hypotheses import add_geometry, add_neighbours, fill_gaps
from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.decision.slots import assemble
from partparse.decision.stacking import ChosenStates, Shares, likeliest_states
from partparse.decision.time import follow
from partparse.vocabulary import PARTS

_NOTHING = 1e-9  # PSC expected of a video without persons: its action is still the likeliest


@dataclass(frozen=True)
class Decision:
    """What is submitted, and what it should score."""

    parses: pd.DataFrame
    """PARSES; the probability of a state is that in a video of the submitted action."""
    actions: pd.DataFrame
    """ACTIONS: P(action) times the PSC expected of it, normalised; the largest is submitted."""
    probabilities: pd.DataFrame
    """ACTIONS: P(action) alone."""
    expected: pd.DataFrame
    """video, action, probability (of it), psc (expected if it is right), score (their product)."""


def complete(evidence: Evidence, statistics: TrainingStatistics) -> Evidence:
    """Evidence with the hypotheses that tracks and keypoints add."""
    full = add_neighbours(fill_gaps(evidence, statistics.stride), statistics.stride)
    return full if statistics.geometry is None else add_geometry(full, statistics.geometry)


def decide(evidence: Evidence, model: DecisionModel, statistics: TrainingStatistics) -> Decision:
    """Decide on all videos of `evidence`, which is `complete`."""
    posterior = model.actions.predict(evidence.actions)
    boxes = decide_boxes(evidence, model.boxes)
    chosen, worth = weigh_actions(evidence, posterior, boxes, model, statistics)
    parses = assemble(evidence, statistics.space, chosen, boxes, model.policy)
    return Decision(parses, *_tabulate(evidence, posterior, worth, statistics.actions))


def weigh_actions(
    evidence: Evidence,
    posterior: Floats,
    boxes: Boxes,
    model: DecisionModel,
    statistics: TrainingStatistics,
) -> tuple[ChosenStates, Floats]:
    """The states for the best action, and (V, C) P(action) E[PSC | action].

    `posterior` (V, C) is P(action). Where the model does not choose both together, the best action
    is the likeliest, and the others are worth nothing.
    """
    if model.joint:
        return _weigh_together(evidence, posterior, boxes, model, statistics)
    action = posterior.argmax(axis=1)
    prior = prior_shares(posterior, evidence.video, statistics)
    shares = decide_states(evidence, prior, action, model, statistics)
    chosen = likeliest_states(shares)
    psc = expected_psc(evidence, boxes, chosen.chance, model.found)
    worth = np.zeros_like(posterior)
    rows = np.arange(len(posterior))
    worth[rows, action] = posterior[rows, action] * np.maximum(psc, _NOTHING)
    return chosen, worth


def prior_shares(posterior: Floats, video: Integers, statistics: TrainingStatistics) -> Shares:
    """For each part (N, K) P(state) by a distribution over actions (V, C) alone."""
    return [(posterior @ part)[video] for part in statistics.priors.states]


def decide_states(
    evidence: Evidence,
    prior: Shares,
    action: Integers,
    model: DecisionModel,
    statistics: TrainingStatistics,
) -> Shares:
    """For each part (N, K) P(state), stacked and smoothed; `action` (V,) sets the transitions."""
    shares = model.stack.predict(evidence, prior)
    timeline = follow(evidence, statistics.priors, action, statistics.stride)
    return model.time.apply(shares, timeline)


def expected_psc(evidence: Evidence, boxes: Boxes, chance: Floats, found: float) -> Floats:
    """(V,) the PSC expected of each video, if its action is right; 0 without persons.

    A frame's is the share of the parts that are likely annotated which likely earn their point;
    `found` accounts for the true persons that nobody found.
    """
    count = boxes.matched[:, None] * boxes.annotated
    frames = int(evidence.frame.max(initial=-1)) + 1
    earned = np.bincount(evidence.frame, (count * boxes.hit * chance).sum(axis=1), frames)
    there = np.bincount(evidence.frame, count.sum(axis=1), frames)
    video = np.zeros(frames, np.int64)
    video[evidence.frame] = evidence.video
    psc = np.bincount(video, earned / np.maximum(there, 1e-9), len(evidence.videos))
    return found * psc / np.maximum(np.bincount(video, minlength=len(evidence.videos)), 1)


def _weigh_together(
    evidence: Evidence,
    posterior: Floats,
    boxes: Boxes,
    model: DecisionModel,
    statistics: TrainingStatistics,
) -> tuple[ChosenStates, Floats]:
    """`weigh_actions`, with states for each action.

    PSC is at most 1, so an action less likely than the best product so far needs no look.
    """
    order = np.argsort(-posterior, axis=1, kind="stable")
    rows = np.arange(len(posterior))
    worth, best = np.zeros_like(posterior), np.zeros(len(posterior))
    size = len(evidence), len(PARTS)
    chosen = ChosenStates(np.zeros(size, np.int64), np.zeros(size))
    for action in order.T:
        open_ = posterior[rows, action] > best
        if not open_.any():
            break
        own = open_[evidence.video]
        some = evidence.take(own)
        given = np.eye(posterior.shape[1])[action]
        prior = prior_shares(given, some.video, statistics)
        likely = likeliest_states(decide_states(some, prior, action, model, statistics))
        psc = expected_psc(some, boxes.chances_of(own), likely.chance, model.found)
        product = posterior[rows, action] * np.maximum(psc, _NOTHING)
        worth[rows[open_], action[open_]] = product[open_]
        better = open_ & (product > best)
        best[better] = product[better]
        taken = better[some.video][:, None]
        for held, new in zip(chosen, likely, strict=True):
            held[own] = np.where(taken, new, held[own])
    return chosen, worth


def _tabulate(
    evidence: Evidence, posterior: Floats, worth: Floats, names: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    rows = np.arange(len(posterior))
    action = worth.argmax(axis=1)
    probability, score = posterior[rows, action], worth[rows, action]
    videos = pd.DataFrame({"video": list(evidence.videos)})
    columns = tables.probability_columns(names)

    def table(values: Floats) -> pd.DataFrame:
        shares = pd.DataFrame(values.astype(np.float32), columns=columns)
        return tables.checked(pd.concat([videos, shares], axis=1), tables.ACTIONS)

    expected = videos.assign(
        action=np.array(names, object)[action],
        probability=probability,
        psc=score / probability,
        score=score,
    )
    return table(worth / worth.sum(axis=1, keepdims=True)), table(posterior), expected
