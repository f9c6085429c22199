"""Smoothing as a fitted step: how far each moment is trusted, chosen on val."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

from partparse.boxes import Floats, Integers
from partparse.decision.calibration import exp_shares
from partparse.decision.evidence import Evidence
from partparse.decision.gate import Ladder
from partparse.decision.labels import Labels
from partparse.decision.priors import Priors
from partparse.decision.smoothing import Chains, link, smooth
from partparse.decision.stacking import Shares, likeliest_states, log_loss
from partparse.vocabulary import PARTS

TRUSTS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Timeline:
    """Persons in the order of time, and how their states change."""

    chains: Chains
    action: Integers  # (C,) the action of each chain's video
    priors: Priors


def follow(evidence: Evidence, priors: Priors, action: Integers, stride: int) -> Timeline:
    """The timeline of the tracks in `evidence`, whose videos have actions (V,)."""
    chains = link(evidence.persons, stride)
    first = chains.rows[:, :1].ravel()
    return Timeline(chains, action[evidence.video[first]], priors)


@dataclass(frozen=True)
class StateTime:
    """What happens to the stack's distributions over time, and their last calibration."""

    trust: float | None  # exponent of the likelihood of other moments; None: no smoothing
    log_temperature: float  # p becomes P^(1/T), normalised

    def apply(self, shares: Shares, timeline: Timeline) -> Shares:
        """Distributions (N, K) of each part at its moment, smoothed along the tracks."""
        if self.trust is not None:
            shares = smooth_parts(shares, timeline, self.trust)
        return [_cool(part, self.log_temperature) for part in shares]


def fit_state_time(
    shares: Shares, timeline: Timeline, labels: Labels, video: Integers, *, smoothed: bool
) -> tuple[StateTime, Ladder, pd.DataFrame]:
    """Whether to smooth, from held-out distributions; the trust has the least log-loss.

    `video` (N,) is the position of each person's video.

    Returns the step and the evidence: PSC with and without it, and trust (NaN: no smoothing),
    temperature, log_loss, chosen.
    """
    judged = (labels.states >= 0).any(axis=1)  # the others are not in the loss
    judged_labels = labels.take(judged)
    trials = []
    for trust in (None, *(TRUSTS if smoothed else ())):
        tried = shares if trust is None else smooth_parts(shares, timeline, trust)
        known = [part[judged] for part in tried]
        found = minimize_scalar(
            lambda value, of=known: log_loss([_cool(part, value) for part in of], judged_labels),
            bounds=(-1.5, 1.5),
            method="bounded",
            options={"xatol": 1e-2},
        )
        trials.append((trust, float(found.x), float(found.fun)))
    ladder = Ladder("time", "each frame alone", labels.psc(likeliest_states(shares)[0], video))
    best = int(np.argmin([loss for _, _, loss in trials]))
    if best:
        states, _ = likeliest_states(smooth_parts(shares, timeline, TRUSTS[best - 1]))
        best *= ladder.climb(f"smoothed, trust {TRUSTS[best - 1]:g}", labels.psc(states, video))
    table = pd.DataFrame(trials, columns=["trust", "temperature", "log_loss"]).assign(
        temperature=np.exp([value for _, value, _ in trials]),
        chosen=np.arange(len(trials)) == best,
    )
    return StateTime(trials[best][0], trials[best][1]), ladder, table


def smooth_parts(shares: Shares, timeline: Timeline, trust: float) -> Shares:
    """The distributions of all parts, those of persons in chains smoothed."""
    chains, priors = timeline.chains, timeline.priors
    if not len(chains.rows):
        return shares
    here = chains.rows >= 0
    smoothed = []
    for part in range(len(PARTS)):
        marginal = smooth(
            shares[part],
            priors.stationary[part],
            priors.transitions[part],
            timeline.action,
            chains=chains,
            trust=trust,
        )
        changed = shares[part].astype(float, copy=True)
        changed[chains.rows[here]] = marginal[here]
        smoothed.append(changed)
    return smoothed


def _cool(given: Floats, log_temperature: float) -> Floats:
    return exp_shares(np.log(np.maximum(given, 1e-12)) * np.exp(-log_temperature))
