"""Do probabilities come true? Of each method before and after its calibration, and of the decision.

All on videos that the calibration did not see.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse.boxes import Floats
from partparse.decision.calibration import reliability
from partparse.decision.decide import decide_states, prior_shares
from partparse.decision.evidence import Evidence
from partparse.decision.labels import Labels
from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.decision.stacking import known_rows
from partparse.vocabulary import PARTS


def confidences(
    evidence: Evidence, labels: Labels, model: DecisionModel, statistics: TrainingStatistics
) -> pd.DataFrame:
    """What each method says of the annotated parts of matched persons, and whether it is right.

    And what each action model says of the videos.

    Returns columns what (a method, or decide), stage (before or after calibration), confidence (in
    the likeliest state), right, weight.
    """
    posterior = model.actions.predict(evidence.actions)
    prior = prior_shares(posterior, evidence.video, statistics)
    decided = decide_states(evidence, prior, posterior.argmax(axis=1), model, statistics)
    pieces = []
    for part in range(len(PARTS)):
        rows, truth, weights = known_rows(labels, part)
        before = evidence.states[part][:, rows]
        after = model.stack.temperatures.apply(before, part)
        for number, method in enumerate(statistics.methods):
            pieces.append(_judge(method, "before", np.exp(before[number]), truth, weights))
            pieces.append(_judge(method, "after", np.exp(after[number]), truth, weights))
        pieces.append(_judge("decide", "after", decided[part][rows], truth, weights))
    return pd.concat([*pieces, *_judge_actions(evidence, labels, model, statistics)])


def _judge_actions(
    evidence: Evidence, labels: Labels, model: DecisionModel, statistics: TrainingStatistics
) -> list[pd.DataFrame]:
    known = labels.actions >= 0
    truth, weights = labels.actions[known], np.ones(known.sum())
    before = evidence.actions[:, known]
    after = model.actions.calibrated(before)
    return [
        _judge(f"action: {name}", stage, shares[number], truth, weights)
        for number, name in enumerate(statistics.action_models)
        for stage, shares in (("before", before), ("after", after))
    ] + [_judge("action: decide", "after", model.actions.predict(before), truth, weights)]


def _judge(
    what: str, stage: str, shares: Floats, truth: NDArray[np.int64], weights: Floats
) -> pd.DataFrame:
    heard = np.isfinite(shares).all(axis=1)
    shares, truth, weights = shares[heard], truth[heard], weights[heard]
    return pd.DataFrame(
        {
            "confidence": shares.max(axis=1, initial=0),
            "right": shares.argmax(axis=1) == truth,
            "weight": weights,
        }
    ).assign(what=what, stage=stage)


def bin_confidences(judged: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """what, stage, bin, confidence, accuracy, weight: reliability curves of several judgements."""
    columns = ["what", "stage", "bin", "confidence", "accuracy", "weight"]
    if not any(map(len, judged)):
        return pd.DataFrame(columns=columns)
    curves = [
        reliability(
            rows["confidence"].to_numpy(), rows["right"].to_numpy(bool), rows["weight"].to_numpy()
        ).assign(what=what, stage=stage)
        for (what, stage), rows in pd.concat(judged).groupby(["what", "stage"], sort=False)
    ]
    return pd.concat(curves, ignore_index=True)[columns]
