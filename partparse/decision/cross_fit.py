"""Fitting without a fold and deciding on it: what is reported on val never saw its own video."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partparse.decision.decide import Decision, decide
from partparse.decision.evidence import Evidence, of_videos
from partparse.decision.fit import Fitted, Truth, fit_decision
from partparse.decision.labels import Labels, label
from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.decision.reliability import bin_confidences, confidences
from partparse.decision.settings import DecisionSettings
from partparse.ensemble.folds import ALL, deciding_fold
from partparse.running.program import progress


@dataclass(frozen=True)
class CrossFitted:
    """A model for each fold, fitted without it, and one fitted on all; and what they chose by."""

    models: dict[str, DecisionModel]
    evidence: dict[str, pd.DataFrame]
    """stacking, time, boxes, slots: of each fold's model; reliability: of all held out."""


def cross_fit(
    evidence: Evidence,
    truth: Truth,
    statistics: TrainingStatistics,
    settings: DecisionSettings,
    folds: int,
) -> CrossFitted:
    """Fit on the val videos that have a truth.

    A fold that holds all of them has no model of its own: nothing is left to fit it on. One that
    holds none of them has that of all, which saw none of its videos.
    """
    evidence = of_videos(evidence, truth.truth["video"].tolist())
    fold = deciding_fold(pd.Series(evidence.videos), "val", folds).to_numpy()
    videos = np.array(evidence.videos, object)
    fitted: dict[str, Fitted] = {}
    for name in progress([ALL, *np.unique(fold)], "fits, each without a fold of val"):
        seen = videos[fold != name].tolist()
        if seen:
            some = of_videos(evidence, seen)
            labels = _label(some, truth, statistics)
            fitted[name] = fit_decision(some, labels, truth.take(seen), statistics, settings)
    judged = []
    for name in list(fitted)[1:]:
        unseen = of_videos(evidence, videos[fold == name].tolist())
        labels = _label(unseen, truth, statistics)
        judged.append(confidences(unseen, labels, fitted[name].model, statistics))
    tables = {
        step: pd.concat([found.evidence[step].assign(fold=f) for f, found in fitted.items()])
        for step in fitted[ALL].evidence
    }
    unjudged = [str(number) for number in range(folds) if str(number) not in fold]
    return CrossFitted(
        {name: found.model for name, found in fitted.items()}
        | dict.fromkeys(unjudged, fitted[ALL].model),
        tables | {"reliability": bin_confidences(judged)},
    )


def decide_by_fold(
    evidence: Evidence,
    model_of: Callable[[str], DecisionModel],
    statistics: TrainingStatistics,
    settings: DecisionSettings,
    *,
    split: str,
    folds: int,
) -> Decision:
    """Decide on each video by the model that did not see its fold; on test by that of all.

    Args:
        evidence: of a shard, `complete`.
        model_of: reads the model of a fold.
        statistics: as in `decide`.
        settings: as in `decide`.
        split: of the shard.
        folds: as in `cross_fit`.
    """
    videos = pd.Series(evidence.videos, dtype=str)
    fold = deciding_fold(videos, split, folds)
    decisions = [
        decide(
            of_videos(evidence, videos[fold == name].tolist()), model_of(name), statistics, settings
        )
        # a shard may be without videos: its tables are then empty
        for name in [*fold.unique()] or [ALL]
    ]
    return Decision(
        *(
            pd.concat([getattr(decision, name) for decision in decisions], ignore_index=True)
            for name in ("parses", "actions", "probabilities", "expected")
        )
    )


def _label(evidence: Evidence, truth: Truth, statistics: TrainingStatistics) -> Labels:
    actions = truth.truth.set_index("video")["action"]
    return label(evidence, truth.annotations, actions, statistics.actions, statistics.space)
