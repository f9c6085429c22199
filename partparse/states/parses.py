"""From distributions over states to the parse that can be submitted."""

import pandas as pd

from partparse.tables import BOX, PART_KEY, likeliest
from partparse.vocabulary import PERSON

COLUMNS = [*PART_KEY, *BOX, "score", "state"]


def parse(persons: pd.DataFrame, parts: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """Join a PERSONS, a PARTS_TABLE and a STATES table to PARSES: each part's likeliest state.

    One state a part: several proposals earn P(any right)/k, which is never more than the best
    one's probability. Parts without a state row are left out, as they could not be scored.
    """
    chosen = states[PART_KEY].assign(state=likeliest(states))
    part_rows = parts.merge(chosen, on=PART_KEY, how="inner", validate="one_to_one")
    person_rows = persons.assign(part=PERSON, state=None)
    return pd.concat([person_rows[COLUMNS], part_rows[COLUMNS]], ignore_index=True)
