"""How good an action model is: top-1, mean accuracy over the classes, log-loss."""

import numpy as np
import pandas as pd

from partparse import tables
from partparse.errors import InputError

_LEAST = 1e-12  # probability below which a wrong certainty costs no more


def score_actions(truth: pd.DataFrame, actions: pd.DataFrame) -> dict[str, float]:
    """Measures of an ACTIONS table on the videos of a TRUTH table.

    Returns:
        videos: how many there are; top1: share of them whose likeliest action is theirs;
        mean_class: mean over the true actions of that share among each one's videos; log_loss:
        mean of -ln P(true action), in nats. NaN without a video.

    Raises:
        InputError: a video of the truth that the table has not.
    """
    if lacking := sorted(set(truth["video"]) - set(actions["video"])):
        raise InputError(f"video {lacking[0]}: no action was predicted ({len(lacking)} lack one)")
    joined = truth.merge(actions, on="video")
    names = tables.probability_names(actions)
    values = joined[tables.probability_columns(names)].to_numpy(float)
    # an action that the model does not know has probability 0
    places = pd.Index(names).get_indexer(joined["action"])
    given = np.where(places >= 0, values[np.arange(len(joined)), places], 0)
    right = pd.Series(values.argmax(1) == places if len(joined) else [], dtype=float)
    return {
        "videos": len(joined),
        "top1": float(right.mean()),
        "mean_class": float(right.groupby(joined["action"]).mean().mean()),
        "log_loss": float(-np.log(np.maximum(given, _LEAST)).mean()) if len(joined) else np.nan,
    }
