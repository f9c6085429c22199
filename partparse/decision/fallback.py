"""Whether what was decided is submitted, or something simpler that val shows to be better.

Simple are the best single method, the vote and the choice by category. As what is decided, they are
judged by what they give each val video without having seen its fold: so which method is the best is
asked anew for each fold. Each step of the decision had to be clearly better than the best method
before it was taken; so one of the simple ones has to be clearly better to go before it. Were the
higher mean enough, luck would decide between what hardly differs: a fold's model is chosen by fewer
videos than that of all, and takes fewer steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partparse.boxes import Floats
from partparse.decision.gate import Ladder
from partparse.ensemble.choice import method_order, rank_methods
from partparse.ensemble.folds import ALL, fold_of

DECIDED = "decided"


@dataclass(frozen=True)
class Submitted:
    """What is submitted of some videos, and the evidence."""

    name: str | None  # a method or an ensemble; None: what was decided
    ladder: Ladder  # its scores are action right times PSC


def choose_submitted(
    decided: pd.Series, scores: pd.DataFrame, methods: Sequence[str], folds: int
) -> dict[str, Submitted]:
    """What is submitted of the test videos (`ALL`), and of the val videos of each fold.

    Args:
        decided: score of what was decided, by video of val, each by a model that did not see its
            fold.
        scores: a row for each method or ensemble and video: columns method, video, action (the true
            one), psc, value (what it adds to the score).
        methods: the single ones of `scores`; the order breaks ties. The others are ensembles, from
            simple to rich.
        folds: number of cross-fitting folds.
    """
    alone = scores[scores["method"].isin(methods)]
    ranking = rank_methods(alone, folds)
    values = scores.pivot(index="video", columns="method", values="value").loc[decided.index]
    values = values[scores["method"].unique()]  # in their order
    fold = np.array([fold_of(video, folds) for video in decided.index], object)
    order = {name: method_order(ranking, name, list(methods)) for name in [ALL, *np.unique(fold)]}
    best = np.array([values.at[v, order[f][0]] for v, f in zip(decided.index, fold, strict=True)])
    ensembles = values.drop(columns=[*methods], errors="ignore")
    chosen = {}
    for name in [ALL, *map(str, range(folds))]:
        seen = fold != name
        method = order.get(name, order[ALL])[0]
        chosen[name] = _choose(method, best[seen], ensembles[seen], decided.to_numpy(float)[seen])
    return chosen


def _choose(method: str, best: Floats, ensembles: pd.DataFrame, decided: Floats) -> Submitted:
    """From the scores of some videos: of the best method, of the ensembles, of what was decided."""
    taken, ladder = None, Ladder("submitted", DECIDED, decided)
    if ladder.climb(f"the best method: {method}", best):
        taken = method
    for name in ensembles:
        if ladder.climb(name, ensembles[name].to_numpy(float)):
            taken = name
    return Submitted(taken, ladder)
