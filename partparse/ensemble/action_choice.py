"""Which action model is best: `submission.action_model: best`.

Every method of states is given an action, and one that is wrong costs all of a video's score: so
none is given a worse one than the best that is known. Val decides, and on a val video the models
are ranked without its own fold.
"""

from collections.abc import Mapping

import pandas as pd

from partparse.ensemble import choice
from partparse.ensemble.folds import choosing_rows
from partparse.metric.actions import score_actions


def rank_models(
    models: Mapping[str, pd.DataFrame], truth: pd.DataFrame, folds: int
) -> pd.DataFrame:
    """Rank action models by their log-loss on val, in each fold.

    Args:
        models: {name: ACTIONS table of all val videos}; the order breaks ties.
        truth: TRUTH of val.
        folds: number of cross-fitting folds; fold k's ranking is from the videos outside k.

    Returns:
        fold, model, rank (1 is best), and what `score_actions` returns: videos, top1, mean_class,
        log_loss. A fold that holds all videos has no rows.
    """
    rankings = []
    for name, rows in choosing_rows(truth["video"], folds):
        scores = [{"model": model, **score_actions(truth[rows], models[model])} for model in models]
        ranked = pd.DataFrame(scores).sort_values("log_loss", kind="stable", ignore_index=True)
        rankings.append(ranked.assign(fold=name, rank=ranked.index + 1))
    return pd.concat(rankings, ignore_index=True)


def take_best(
    models: Mapping[str, pd.DataFrame], ranking: pd.DataFrame, split: str, folds: int
) -> pd.DataFrame:
    """Each video's row out of the ACTIONS table of the model that is best for its fold.

    Args:
        models: {name: ACTIONS table of a shard}.
        ranking: what `rank_models` returned.
        split: split of the videos; folds: as in `rank_models`.

    Actions that a model does not know have no probability. Where nothing is known of a fold, the
    first model is taken.
    """
    taken = choice.take_best(models, ranking, "model", split, folds)
    return taken.fillna(0.0).sort_values("video", ignore_index=True)
