"""Rows found by their keys; persons as integers, to join tables without hashing text per row."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from partparse.boxes import Integers

FRAMES = 1 << 24  # more than a video has
NUMBERS = 1 << 15  # more persons than a frame has


def codes(values: pd.Series, names: Sequence[str]) -> Integers:
    """(rows,) the position of each value among `names`; -1 where it is not one of them."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        code, found = values.cat.codes.to_numpy(), values.cat.categories
    else:
        code, found = pd.factorize(values)
    return np.append(pd.Index(names).get_indexer(pd.Index(found)), -1)[code].astype(np.int64)


def frame_keys(table: pd.DataFrame, videos: Sequence[str]) -> Integers:
    """(rows,) one number for a row's video and frame; negative where the video is not in `videos`.

    Args:
        table: columns video, frame.
        videos: names; their order is that of the keys.
    """
    return codes(table["video"], videos) * FRAMES + table["frame"].to_numpy(np.int64)


def person_keys(table: pd.DataFrame, videos: Sequence[str]) -> Integers:
    """(rows,) one number for a row's video, frame and person; negative for other videos."""
    return frame_keys(table, videos) * NUMBERS + table["person"].to_numpy(np.int64)


def positions(rows: pd.DataFrame, among: pd.DataFrame, key: list[str]) -> Integers:
    """(len(rows),) the position of the row of `among` with the same `key`, -1 without one."""
    return pd.MultiIndex.from_frame(among[key]).get_indexer(pd.MultiIndex.from_frame(rows[key]))


def find(values: Integers, among: Integers) -> Integers:
    """(len(values),) the position of each value in the sorted `among`, -1 where it is not in it."""
    if not len(among):
        return np.full(len(values), -1, np.int64)
    place = np.minimum(np.searchsorted(among, values), len(among) - 1)
    return np.where(among[place] == values, place, -1)


def owners(group: Integers, members: Integers) -> Integers:
    """(rows,) the place among `members` of the one in each row's group, or -1.

    Args:
        group: (rows,) the same number in rows that belong together, which are neighbours.
        members: positions of rows, at most one a group.
    """
    number = np.zeros(len(group), np.int64)
    np.cumsum(group[1:] != group[:-1], out=number[1:])
    owner = np.full(int(number[-1:].sum()) + 1, -1, np.int64)
    owner[number[members]] = np.arange(len(members))
    return owner[number]
