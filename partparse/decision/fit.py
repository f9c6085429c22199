"""Fitting the decision on val: what each step learns, and the evidence for what is taken of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from partparse.boxes import Floats
from partparse.decision.action import fit_actions
from partparse.decision.boxes import Boxes, BoxModel, fit_boxes
from partparse.decision.decide import prior_shares, weigh_actions
from partparse.decision.evidence import Evidence, halves_of
from partparse.decision.gate import Ladder
from partparse.decision.labels import Labels
from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.decision.settings import DecisionSettings
from partparse.decision.slots import PLAIN, STEPS, SlotPolicy, assemble
from partparse.decision.stacking import ChosenStates, fit_stack, likeliest_states
from partparse.decision.time import fit_state_time, follow
from partparse.metric.rows import evaluate_tables
from partparse.vocabulary import PARTS


@dataclass(frozen=True)
class Truth:
    """What val videos are judged against."""

    truth: pd.DataFrame  # TRUTH
    annotations: pd.DataFrame  # ANNOTATIONS of the scored frames
    lengths: pd.DataFrame  # columns video, frames: how far a submission's frames go

    def take(self, videos: Sequence[str]) -> "Truth":
        """Of some videos."""
        return Truth(
            *(t[t["video"].isin(videos)] for t in (self.truth, self.annotations, self.lengths))
        )


@dataclass(frozen=True)
class Fitted:
    """A model and what it was chosen by."""

    model: DecisionModel
    evidence: dict[str, pd.DataFrame]
    """Tables by name: choices (of each step, in PSC), and what else was fitted or tried: stacking,
    time, boxes."""


def fit_decision(
    evidence: Evidence,
    labels: Labels,
    truth: Truth,
    statistics: TrainingStatistics,
    settings: DecisionSettings,
) -> Fitted:
    """Fit every step that is done on val videos, from their `complete` evidence.

    Each step starts from the simplest that can be done, and ends at what the settings allow and val
    clearly wants (`partparse.decision.gate`); that of actions starts from the pool of all models.
    """
    actions = fit_actions(
        evidence.actions,
        labels.actions,
        halves_of(evidence.videos),
        calibrate=settings.calibrate,
        stack=settings.stack,
    )
    given = actions.held_out
    if settings.joint:  # all on the true action, where it is known
        sure = np.eye(given.shape[1])[np.maximum(labels.actions, 0)]
        given = np.where(labels.actions[:, None] >= 0, sure, given)
    prior = prior_shares(given, evidence.video, statistics)
    chosen = fit_stack(
        evidence,
        labels,
        prior,
        statistics.methods,
        calibrate=settings.calibrate,
        stack=settings.stack,
        seed=settings.seed,
    )
    timeline = follow(evidence, statistics.priors, given.argmax(axis=1), statistics.stride)
    time, of_time, trusts = fit_state_time(
        chosen.held_out, timeline, labels, evidence.video, smoothed=settings.smooth
    )
    states = likeliest_states(time.apply(chosen.held_out, timeline))
    judge = _Judge(evidence, states, truth, statistics)
    boxes, held_out, of_boxes = choose_boxes(evidence, labels, judge, settings)
    of_slots = Ladder("slots", "the detected persons", of_boxes.scores)
    policy = choose_policy(held_out, of_slots, judge) if settings.slots else PLAIN
    annotated = max(truth.annotations["video"].nunique(), 1)
    model = DecisionModel(
        actions=actions.pool,
        stack=chosen.stack,
        time=time,
        boxes=boxes,
        found=float(labels.weights.sum() / annotated),
        policy=policy,
        joint=False,
    )
    ladders = [actions.ladder, chosen.ladder, of_time, of_boxes, of_slots]
    if settings.joint:
        halves = [replace(model, stack=stack) for stack in chosen.halves]
        of_joint = choose_joint(
            evidence, labels, actions.held_out, held_out, halves=halves, statistics=statistics
        )
        model = replace(model, joint=of_joint.taken == TOGETHER)
        ladders.append(of_joint)
    choices = pd.concat([ladder.table() for ladder in ladders], ignore_index=True)
    factors = pd.DataFrame({"part": PARTS, "enlargement": boxes.parts.enlargement})
    return Fitted(
        model, {"choices": choices, "stacking": chosen.trials, "time": trusts, "boxes": factors}
    )


@dataclass(frozen=True)
class _Judge:
    """What the metric says of persons whose states are chosen."""

    evidence: Evidence
    states: ChosenStates  # held out
    truth: Truth
    statistics: TrainingStatistics

    def psc(self, boxes: Boxes, policy: SlotPolicy) -> Floats:
        """(V,) with boxes, held out, and a policy of slots."""
        parses = assemble(self.evidence, self.statistics.space, self.states, boxes, policy)
        judged = evaluate_tables(
            self.truth.truth,
            self.truth.annotations,
            self.truth.truth[["video", "action"]],
            parses,
            self.truth.lengths,
            stride=self.statistics.stride,
        )
        return judged.videos["psc"].to_numpy(float)


def choose_boxes(
    evidence: Evidence, labels: Labels, judge: _Judge, settings: DecisionSettings
) -> tuple[BoxModel, Boxes, Ladder]:
    """The first detector's boxes, or those fused as the settings say, where these are better.

    Returns the model, what it makes of val's boxes, held out, and the evidence.
    """
    hows = ["first", *([settings.boxes] if settings.boxes != "first" else [])]
    taken, *richer = fit_boxes(evidence, labels, hows, settings.seed)
    ladder = Ladder("boxes", "first", judge.psc(taken[1], PLAIN))
    for fitted in richer:
        if ladder.climb(fitted[0].how, judge.psc(fitted[1], PLAIN)):
            taken = fitted
    return *taken, ladder


def choose_policy(boxes: Boxes, ladder: Ladder, judge: _Judge) -> SlotPolicy:
    """Grow the policy of slots step by step; a step stays if it clearly raises the mean PSC.

    `boxes` are held out; the ladder starts with the detected persons alone.
    """
    policy = PLAIN
    for step in STEPS:
        tried = replace(policy, **{step: True})
        if ladder.climb(step, judge.psc(boxes, tried)):
            policy = tried
    return policy


LIKELIEST, TOGETHER = "the likeliest action", "action and states together"


def choose_joint(
    evidence: Evidence,
    labels: Labels,
    posterior: Floats,
    boxes: Boxes,
    *,
    halves: Sequence[DecisionModel],
    statistics: TrainingStatistics,
) -> Ladder:
    """Whether the action is chosen with the states, by the score of both ways.

    Args:
        evidence: of the videos.
        labels: their truth.
        posterior: (V, C) P(action), held out.
        boxes: of the persons, held out.
        halves: the model of each half of the videos, whose stack did not see it.
        statistics: of the training videos.
    """
    of_video = halves_of(evidence.videos)
    scores = np.zeros((2, len(of_video)))
    for half, model in enumerate(halves):
        rows = of_video[evidence.video] == half
        some, known, own = evidence.take(rows), labels.take(rows), boxes.chances_of(rows)
        for way, joint in enumerate((False, True)):
            chosen, worth = weigh_actions(
                some, posterior, own, replace(model, joint=joint), statistics
            )
            right = worth.argmax(axis=1) == labels.actions
            scores[way] += known.psc(chosen.states, some.video) * right
    ladder = Ladder("joint", LIKELIEST, scores[0])
    ladder.climb(TOGETHER, scores[1])
    return ladder
