"""From parts to states, and to the parses that can be submitted: what every method does alike."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from partparse import tables
from partparse.boxes import Integers
from partparse.errors import InputError, SetupError
from partparse.row_keys import codes
from partparse.tables import PARSE_COLUMNS, PART_KEY, likeliest
from partparse.vocabulary import PARTS, PERSON, Vocabulary


def part_rows(parts: pd.DataFrame) -> pd.DataFrame:
    """The key columns of a PARTS_TABLE's rows that are one of the ten parts, from index 0."""
    return parts.loc[parts["part"].isin(PARTS), PART_KEY].reset_index(drop=True)


def known_codes(values: pd.Series, names: Sequence[str], what: str) -> Integers:
    """(rows,) the position of each value among `names`; InputError where it is none of them."""
    found = codes(values, names)
    if (found < 0).any():
        unknown = values.iloc[int(np.argmin(found))]
        raise InputError(f"training annotations: {what} {unknown!r} is not in the vocabulary")
    return found


def video_distributions(
    actions: pd.DataFrame, rows: pd.DataFrame, vocabulary: Vocabulary
) -> NDArray[np.float32]:
    """The distribution over actions of the video of each row, (rows, actions).

    Raises InputError where the ACTIONS table is of another vocabulary or lacks a video.
    """
    if tables.probability_names(actions) != list(vocabulary.actions):
        raise SetupError("the actions table holds other actions than the vocabulary")
    found = pd.Index(actions["video"]).get_indexer(pd.Index(rows["video"]))
    if (found < 0).any():
        video = rows["video"].iloc[int(np.argmin(found))]
        raise InputError(f"the actions table has no row for video {video!r}")
    return actions[tables.probability_columns(vocabulary.actions)].to_numpy(np.float32)[found]


def video_actions(
    actions: pd.DataFrame, rows: pd.DataFrame, vocabulary: Vocabulary
) -> NDArray[np.object_]:
    """The likeliest action of the video of each row, (rows,), as of `video_distributions`."""
    names = np.array(vocabulary.actions, dtype=object)
    return names[video_distributions(actions, rows, vocabulary).argmax(axis=1)]


def states_table(
    rows: pd.DataFrame, distributions: ArrayLike, vocabulary: Vocabulary
) -> pd.DataFrame:
    """A STATES table of keys and their distributions, (rows, states)."""
    values = pd.DataFrame(
        np.asarray(distributions, np.float32).reshape(len(rows), len(vocabulary.states)),
        columns=tables.probability_columns(vocabulary.states),
    )
    return tables.checked(pd.concat([rows, values], axis=1), tables.STATES)


def parse(persons: pd.DataFrame, parts: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """Join a PERSONS, a PARTS_TABLE and a STATES table to PARSES: each part's likeliest state.

    One state a part: several proposals earn P(any right)/k, which is never more than the best
    one's probability. Parts without a state row are left out, as they could not be scored.
    """
    chances = states[tables.probability_columns(tables.probability_names(states))]
    chosen = states[PART_KEY].assign(
        state=likeliest(states), state_probability=chances.max(axis=1).astype(np.float32)
    )
    with_state = parts.merge(chosen, on=PART_KEY, how="inner", validate="one_to_one")
    person_rows = persons.assign(part=PERSON, state=None, state_probability=np.float32(np.nan))
    return pd.concat([person_rows[PARSE_COLUMNS], with_state[PARSE_COLUMNS]], ignore_index=True)
