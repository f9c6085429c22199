"""Fitting the decision on val: what each step learns, and the evidence for what it chose."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from partparse.boxes import Floats, Integers
from partparse.decision.action import fit_actions
from partparse.decision.boxes import Boxes, fit_boxes
from partparse.decision.decide import likeliest_states, prior_shares
from partparse.decision.evidence import Evidence
from partparse.decision.labels import Labels
from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.decision.settings import DecisionSettings
from partparse.decision.slots import PLAIN, STEPS, SlotPolicy, assemble
from partparse.decision.stacking import fit_stack
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
    evidence: dict[str, pd.DataFrame]  # tables by the step: stacking, time, boxes, slots


def fit_decision(
    evidence: Evidence,
    labels: Labels,
    truth: Truth,
    statistics: TrainingStatistics,
    settings: DecisionSettings,
) -> Fitted:
    """Fit every step that is done on val videos, from their `complete` evidence."""
    actions = fit_actions(
        evidence.actions, labels.actions, calibrate=settings.calibrate, stack=settings.stack
    )
    posterior = actions.predict(evidence.actions)
    given = posterior
    if settings.joint:  # all on the true action, where it is known
        sure = np.eye(posterior.shape[1])[np.maximum(labels.actions, 0)]
        given = np.where(labels.actions[:, None] >= 0, sure, posterior)
    prior = prior_shares(given, evidence.video, statistics)
    chosen = fit_stack(
        evidence,
        labels,
        prior,
        calibrate=settings.calibrate,
        stack=settings.stack,
        seed=settings.seed,
    )
    timeline = follow(evidence, statistics.priors, given.argmax(axis=1), statistics.stride)
    time, trusts = fit_state_time(chosen.held_out, timeline, labels, smoothed=settings.smooth)
    boxes, held_out = fit_boxes(evidence, labels, settings.boxes, settings.seed)
    policy, policies = PLAIN, pd.DataFrame()
    if settings.slots:
        states, _ = likeliest_states(time.apply(chosen.held_out, timeline))
        policy, policies = choose_policy(evidence, states, held_out, truth, statistics)
    annotated = max(truth.annotations["video"].nunique(), 1)
    model = DecisionModel(
        actions=actions,
        stack=chosen.stack,
        time=time,
        boxes=boxes,
        found=float(labels.weights.sum() / annotated),
        policy=policy,
    )
    factors = pd.DataFrame({"part": PARTS, "enlargement": boxes.parts.enlargement})
    return Fitted(
        model, {"stacking": chosen.trials, "time": trusts, "boxes": factors, "slots": policies}
    )


def choose_policy(
    evidence: Evidence, states: Integers, boxes: Boxes, truth: Truth, statistics: TrainingStatistics
) -> tuple[SlotPolicy, pd.DataFrame]:
    """Grow the policy of slots step by step; a step stays if it clearly raises the mean PSC.

    Clearly means by more than twice the standard error of its paired difference over the videos:
    with few of them, most differences are luck.

    `states` (N, 10) are those chosen for the persons, and held out, as are the boxes. Returns the
    policy, and step, psc, difference, standard_error, kept of what was tried.
    """

    def psc(policy: SlotPolicy) -> Floats:
        parses = assemble(evidence, statistics.space, states, boxes, policy)
        judged = evaluate_tables(
            truth.truth,
            truth.annotations,
            truth.truth[["video", "action"]],
            parses,
            truth.lengths,
            stride=statistics.stride,
        )
        return judged.videos["psc"].to_numpy(float)

    policy, best = PLAIN, psc(PLAIN)
    trials = [("plain", best.mean(), 0.0, 0.0, True)]
    for step in STEPS:
        tried = replace(policy, **{step: True})
        found = psc(tried)
        gain, error = float((found - best).mean()), _standard_error(found - best)
        trials.append((step, found.mean(), gain, error, gain > 2 * error))
        if gain > 2 * error:
            policy, best = tried, found
    columns = ["step", "psc", "difference", "standard_error", "kept"]
    return policy, pd.DataFrame(trials, columns=columns)


def _standard_error(values: Floats) -> float:
    """Of the mean; infinite for a single value, which proves nothing."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.inf
