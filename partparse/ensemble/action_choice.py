"""Which action model is best: `submission.action_model: best`.

Every method of states is given an action, and one that is wrong costs all of a video's score: so
none is given a worse one than the best that is known. Val decides, and on a val video the models
are ranked without its own fold.
"""

from collections.abc import Mapping

import pandas as pd

from partparse.ensemble.choice import take_chosen
from partparse.ensemble.folds import ALL, deciding_fold, fold_of
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
    fold = truth["video"].map(lambda video: fold_of(video, folds))
    judged = {ALL: truth} | {name: truth[fold != name] for name in map(str, range(folds))}
    rankings = []
    for name, videos in judged.items():
        if len(videos):
            scores = [{"model": model, **score_actions(videos, models[model])} for model in models]
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
    first = ranking[ranking["rank"] == 1].set_index("fold")["model"]
    videos = pd.concat([table["video"] for table in models.values()]).drop_duplicates()
    best = deciding_fold(videos, split, folds).map(first).fillna(next(iter(models)))
    chosen = pd.Series(best.to_numpy(), index=videos)
    return take_chosen(models, chosen).fillna(0.0).sort_values("video", ignore_index=True)
