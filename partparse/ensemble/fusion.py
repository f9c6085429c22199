"""Weighted score fusion of state methods: the second place of 2021 joins its two networks by it.

Its table 2 gives each network a weight in each of the six part groups (the ip-CSN 1.413 for heads,
the ir-CSN 1, …); the fused state is the one with the largest weighted sum.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from partparse import tables
from partparse.errors import InputError, SetupError
from partparse.tables import PART_KEY
from partparse.vocabulary import PART_GROUPS

GroupWeights = Mapping[str, float]
"""A weight for each of the six part groups; all of a group's zero is an error."""


def fuse_states(
    members: Mapping[str, pd.DataFrame], weights: Mapping[str, GroupWeights]
) -> pd.DataFrame:
    """The STATES table of the members' weighted mean distributions.

    Args:
        members: STATES tables by name, all of the same parts of the same persons.
        weights: by the same names.

    Raises:
        InputError: the members are of other parts or states than the first, or no member counts
            in a group.
    """
    ordered = {name: t.sort_values(PART_KEY, ignore_index=True) for name, t in members.items()}
    first, rows = next(iter(ordered.items()))
    columns = list(rows.columns)
    for name, table in ordered.items():
        if list(table.columns) != columns:
            raise SetupError(f"{name} gives other states than {first}")
        if not table[PART_KEY].equals(rows[PART_KEY]):
            raise InputError(f"{name} gives states of other parts than {first}")
    group_of = {part: group for group, parts in PART_GROUPS.items() for part in parts}
    groups = rows["part"].map(group_of)
    shares = np.stack([groups.map(dict(weights[name])).to_numpy(float) for name in ordered])
    total = shares.sum(axis=0)
    if (total <= 0).any():
        raise SetupError(f"no member has a weight in group {groups[int(np.argmin(total))]!r}")
    names = [column for column in columns if column not in PART_KEY]
    values = np.stack([table[names].to_numpy(float) for table in ordered.values()])
    fused = (shares[..., None] * values).sum(axis=0) / total[:, None]
    table = pd.concat(
        [rows[PART_KEY], pd.DataFrame(fused.astype(np.float32), columns=names)], axis=1
    )
    return tables.checked(table, tables.STATES)
