"""The state that a whole video stands for: the most frequent one of its annotated parts."""

from collections.abc import Collection, Sequence

import pandas as pd


def modal_states(
    annotations: pd.DataFrame, parts: Collection[str], states: Sequence[str]
) -> pd.DataFrame:
    """Each video's most frequent state over the named parts, taken together.

    Args:
        annotations: rows of the ANNOTATIONS table.
        parts: names of parts; the left and the right one of a group count alike.
        states: the vocabulary; of equally frequent states the first in it is taken.

    Returns:
        Columns video, state, in the order of the videos' names; a video in which none of the
        parts has a state is left out.
    """
    rows = annotations.loc[annotations["part"].isin(list(parts)), ["video", "state"]].dropna()
    counts = rows.value_counts().reset_index(name="count")
    counts["order"] = counts["state"].map({state: i for i, state in enumerate(states)})
    counts = counts.sort_values(["video", "count", "order"], ascending=[True, False, True])
    return counts.drop_duplicates("video")[["video", "state"]].reset_index(drop=True)
