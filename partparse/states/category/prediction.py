"""States as statistics of the video's action: the simplest published method.

The baseline of the second place of 2021 and the category level of the winner of 2022: each part
gets the state that is most frequent for it in training videos of the predicted action. Here the
whole distribution is kept.
"""

import numpy as np
import pandas as pd

from partparse import tables
from partparse.errors import SetupError
from partparse.row_keys import positions
from partparse.running.prediction import Output, Predictor
from partparse.states.category.settings import CategorySettings
from partparse.states.rows import known_codes, part_rows, states_table, video_actions
from partparse.vocabulary import PARTS, Vocabulary


def fit_category(
    videos: pd.DataFrame,
    annotations: pd.DataFrame,
    vocabulary: Vocabulary,
    settings: CategorySettings,
) -> pd.DataFrame:
    """P(state | action, part) from training tables: a CATEGORY_STATISTICS table.

    P = (count + pseudo_count) / sum over states. A part that is never annotated in an action
    takes the counts of all actions; one that never is at all, a uniform distribution. The same
    pseudo-count for every state keeps the order of the counts, so the likeliest state is the
    published method's choice; of equal ones the first in the vocabulary is meant.
    """
    actions = dict(videos[["video", "action"]].itertuples(index=False))
    rows = annotations[annotations["part"].isin(PARTS)].dropna(subset="state")
    shape = (len(vocabulary.actions), len(PARTS), len(vocabulary.states))
    places = (
        known_codes(rows["video"].map(actions), vocabulary.actions, "action"),
        known_codes(rows["part"], PARTS, "part"),
        known_codes(rows["state"], vocabulary.states, "state"),
    )
    counts = np.zeros(shape)
    np.add.at(counts, places, 1)
    seen = counts.sum(axis=-1)
    used = np.where(seen[..., None] > 0, counts, counts.sum(axis=0)) + settings.pseudo_count
    keys = pd.MultiIndex.from_product([vocabulary.actions, PARTS], names=["action", "part"])
    table = keys.to_frame(index=False).assign(count=seen.ravel())
    columns = tables.probability_columns(vocabulary.states)
    distribution = (used / used.sum(axis=-1, keepdims=True)).reshape(-1, shape[-1])
    return tables.checked(
        pd.concat([table, pd.DataFrame(distribution, columns=columns)], axis=1),
        tables.CATEGORY_STATISTICS,
    )


def predict_category(
    statistics: pd.DataFrame, actions: pd.DataFrame, parts: pd.DataFrame, vocabulary: Vocabulary
) -> pd.DataFrame:
    """The STATES table of a PARTS_TABLE: the statistics of each video's likeliest action.

    Raises InputError where the tables are of different vocabularies, or a video has no action.
    """
    columns = tables.probability_columns(vocabulary.states)
    if list(statistics.columns[-len(columns) :]) != columns:
        raise SetupError("the category statistics hold other states than the vocabulary")
    rows = part_rows(parts)
    keys = pd.DataFrame({"action": video_actions(actions, rows, vocabulary), "part": rows["part"]})
    found = positions(keys, statistics, ["action", "part"])
    return states_table(rows, statistics[columns].to_numpy(np.float32)[found], vocabulary)


def load_category(statistics: pd.DataFrame, vocabulary: Vocabulary) -> Predictor:
    """What makes the STATES of `parts` in videos with `actions`, from CATEGORY_STATISTICS."""
    return Predictor(
        lambda rows: [predict_category(statistics, rows["actions"], rows["parts"], vocabulary)],
        [Output(tables.STATES, vocabulary.states)],
        models=[],
        made_by={"statistics": statistics},
        at_once=None,
    )
