"""Action models joined by a weighted mean of what they say.

The second place of 2021 fuses the scores of its CSNs so (its report, tables 2 and 3).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from partparse import tables
from partparse.errors import InputError, SetupError


def fuse_actions(members: Mapping[str, pd.DataFrame], weights: Mapping[str, float]) -> pd.DataFrame:
    """The weighted mean of ACTIONS tables of the same videos, an ACTIONS table.

    Of the weights, by the models' names as the tables, only the ratios count.

    Raises:
        InputError: a weight without a table or the reverse, weights that are negative or all 0,
            tables of other videos or actions.
    """
    if members.keys() != weights.keys():
        raise SetupError(f"fusion of {', '.join(members)}: weights are of {', '.join(weights)}")
    shares = np.array([weights[name] for name in members], float)
    if (shares < 0).any() or shares.sum() <= 0:
        raise SetupError(f"fusion weights {dict(weights)}: expected none below 0 and one above")
    leader, first = next(iter(members.items()))
    columns = tables.probability_columns(tables.probability_names(first))
    stacked = [
        _aligned(table, first["video"], columns, f"{name} and {leader}")
        for name, table in members.items()
    ]
    mean = np.average(stacked, axis=0, weights=shares)
    fused = pd.DataFrame(mean.astype(np.float32), columns=columns)
    fused.insert(0, "video", first["video"].to_numpy())
    return tables.checked(fused, tables.ACTIONS)


def _aligned(table: pd.DataFrame, videos: pd.Series, columns: list[str], who: str) -> np.ndarray:
    """(videos, actions), in the order of `videos` and `columns`."""
    if set(table["video"]) != set(videos):
        raise InputError(f"fusion: {who} have the actions of different videos")
    if set(table.columns) != {"video", *columns}:
        raise SetupError(f"fusion: {who} have different actions")
    return table.set_index("video").loc[videos, columns].to_numpy(float)
