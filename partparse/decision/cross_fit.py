"""Fitting without a fold and deciding on it: what is reported on val never saw its own video."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from partparse.boxes import Floats, Integers
from partparse.decision.calibration import reliability
from partparse.decision.decide import Decision, decide, decide_states, prior_shares
from partparse.decision.evidence import Evidence, of_videos
from partparse.decision.fallback import choose_submitted
from partparse.decision.fit import Fitted, Truth, fit_decision
from partparse.decision.labels import Labels, label
from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.decision.settings import DecisionSettings
from partparse.decision.stacking import known_rows
from partparse.ensemble.folds import ALL, deciding_fold
from partparse.metric.rows import evaluate_tables
from partparse.running.program import progress
from partparse.tables import predicted_action
from partparse.vocabulary import PARTS


def cross_fit(
    evidence: Evidence,
    truth: Truth,
    statistics: TrainingStatistics,
    settings: DecisionSettings,
    folds: int,
    *,
    simple: pd.DataFrame | None = None,
) -> tuple[dict[str, DecisionModel], dict[str, pd.DataFrame]]:
    """A model for each fold, fitted on the val videos with a truth but its own, and one on all.

    And what they chose by: the tables of `Fitted.evidence` (of each model), reliability (of all
    that were held out). A fold that holds all videos leaves none to fit on: its model does the
    simplest. One that holds none has that of all, which saw none of its videos.

    `simple` has the scores of the methods and ensembles one of which is submitted where what is
    decided is worse, as `choose_submitted` takes them; None: what is decided is submitted.
    """
    evidence = of_videos(evidence, truth.truth["video"].tolist())
    fold = deciding_fold(pd.Series(evidence.videos), "val", folds).to_numpy()
    videos = np.array(evidence.videos, object)
    fitted: dict[str, Fitted] = {}
    for name in progress([ALL, *np.unique(fold)], "fits, each without a fold of val"):
        seen = videos[fold != name].tolist()
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
    models = {name: found.model for name, found in fitted.items()}
    models |= dict.fromkeys(unjudged, models[ALL])
    if simple is not None:
        decided = _score(evidence, truth, models, statistics, folds)
        chosen = choose_submitted(decided, simple, statistics.methods, folds)
        models = {
            name: replace(model, submitted=chosen[name].name) for name, model in models.items()
        }
        told = [found.ladder.table().assign(fold=name) for name, found in chosen.items()]
        tables["choices"] = pd.concat([tables["choices"], *told])
    return models, tables | {"reliability": bin_confidences(judged)}


def _score(
    evidence: Evidence,
    truth: Truth,
    models: Mapping[str, DecisionModel],
    statistics: TrainingStatistics,
    folds: int,
) -> pd.Series:
    """What is decided on each video adds to the score, by video."""
    decided = decide_by_fold(evidence, models.__getitem__, statistics, split="val", folds=folds)
    judged = evaluate_tables(
        truth.truth,
        truth.annotations,
        predicted_action(decided.actions),
        decided.parses,
        truth.lengths,
        stride=statistics.stride,
    )
    return pd.Series(judged.values, index=judged.videos["video"].to_numpy())


def decide_by_fold(
    evidence: Evidence,
    model_of: Callable[[str], DecisionModel],
    statistics: TrainingStatistics,
    parses_of: Callable[[str], pd.DataFrame] | None = None,
    *,
    split: str,
    folds: int,
) -> Decision:
    """Decide on each video by the model that did not see its fold; on test by that of all.

    As `decide`, with a shard's evidence; `model_of` reads the model of a fold, and `parses_of` the
    PARSES of the method or ensemble that is submitted where a model says so.
    """
    videos = pd.Series(evidence.videos, dtype=str)
    fold = deciding_fold(videos, split, folds)
    decisions = [
        _decide(
            of_videos(evidence, videos[fold == name].tolist()),
            model_of(name),
            statistics,
            parses_of,
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


def _decide(
    evidence: Evidence,
    model: DecisionModel,
    statistics: TrainingStatistics,
    parses_of: Callable[[str], pd.DataFrame] | None,
) -> Decision:
    """What is submitted: what the model decides, or the simpler method and action it names."""
    if model.submitted is None or parses_of is None:
        return decide(evidence, model, statistics)
    alone = replace(model, actions=replace(model.actions, pool=None), joint=False)
    parses = parses_of(model.submitted)
    own = parses[parses["video"].isin(evidence.videos)]
    return replace(decide(evidence, alone, statistics), parses=own)


def _label(evidence: Evidence, truth: Truth, statistics: TrainingStatistics) -> Labels:
    actions = truth.truth.set_index("video")["action"]
    return label(evidence, truth.annotations, actions, statistics.actions, statistics.space)


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
        said = zip(statistics.methods, np.exp(before), np.exp(after), strict=True)
        for method, raw, calibrated in said:
            pieces.append(_judge(method, "before", raw, truth, weights))
            pieces.append(_judge(method, "after", calibrated, truth, weights))
        pieces.append(_judge("decide", "after", decided[part][rows], truth, weights))
    known = labels.actions >= 0
    truth, weights = labels.actions[known], np.ones(known.sum())
    given = evidence.actions[:, known]
    said = zip(statistics.action_models, given, model.actions.calibrated(given), strict=True)
    for name, raw, calibrated in said:
        pieces.append(_judge(f"action: {name}", "before", raw, truth, weights))
        pieces.append(_judge(f"action: {name}", "after", calibrated, truth, weights))
    decided_action = model.actions.predict(given)
    pieces.append(_judge("action: decide", "after", decided_action, truth, weights))
    return pd.concat(pieces)


def _judge(what: str, stage: str, shares: Floats, truth: Integers, weights: Floats) -> pd.DataFrame:
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
