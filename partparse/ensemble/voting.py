"""Voting over methods: persons joined by IoU, the majority's state for each part.

Source: Dong, Chen, Wang, "Technical Report of Challenge on Kinetics-TPS Track", 2022: the boxes
are those of the best method, persons of all methods with IoU above 0.8 are one person, and each
part takes the state that most methods give it. Ties, on which the report is silent, go to the
state of the better ranked method; persons that the best method lacks keep the box of the best
method that has them. So with two methods that share their boxes, a vote is the better one's parse.
The probability of a state is the share of methods that gave it, of those that gave the part any.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse.boxes import Floats, Integers, paired_iou
from partparse.row_keys import FRAMES, codes, find, owners
from partparse.tables import BOX, PARSE_COLUMNS, PART_KEY
from partparse.vocabulary import PARTS, PERSON

MOST_PERSONS = 10

_NAMES = sorted([*PARTS, PERSON])
_PERSON = _NAMES.index(PERSON)
_NUMBERS = 1 << 20  # more than a frame has persons, of all methods


class Voted(NamedTuple):
    """The result of a vote."""

    parses: pd.DataFrame
    """PARSES; persons of a frame stay in the order of the best method, others follow."""
    votes: pd.DataFrame
    """VOTES: why each part has its state."""


def vote(parses: Mapping[str, pd.DataFrame], order: Sequence[str], iou: float) -> Voted:
    """Join the methods' PARSES tables, all of the same videos, to one; text may be categories.

    `order` are the methods from best to worst; persons above the overlap `iou` are the same.
    """
    ranked = [parses[method] for method in order]
    names = _Names(*(_values(ranked, column) for column in ("video", "state")))
    joined = _Rows.of(ranked[0].iloc[:0], names)
    ballots = []
    for table in ranked:
        rows = _Rows.of(table, names)
        rows = rows.numbered(_number(rows, joined, iou))
        place = _place(rows, joined)
        ballots.append((place, rows.state))
        joined = joined.joined(rows.take(place >= len(joined.frame)))
    return _decide(joined, ballots, names)


def _values(ranked: Sequence[pd.DataFrame], column: str) -> list[str]:
    return sorted(set().union(*(table[column].dropna().unique() for table in ranked)))


class _Names(NamedTuple):
    """What the numbers of videos and states mean."""

    videos: list[str]
    states: list[str]


class _Rows(NamedTuple):
    """Rows of PARSES as numbers."""

    frame: Integers  # (R,) of video and frame
    person: Integers  # (R,)
    part: Integers  # (R,) place in _NAMES
    values: NDArray[np.float32]  # (R, 5) box and score
    state: Integers  # (R,) place in _Names.states, -1 for persons

    @classmethod
    def of(cls, table: pd.DataFrame, names: _Names) -> "_Rows":
        """The rows of a table, those of a person together."""
        rows = cls(
            codes(table["video"], names.videos) * FRAMES + table["frame"].to_numpy(np.int64),
            table["person"].to_numpy(np.int64),
            codes(table["part"], _NAMES),
            table[[*BOX, "score"]].to_numpy(np.float32),
            codes(table["state"], names.states),
        )
        owner = rows.owner
        return rows if (owner[1:] >= owner[:-1]).all() else rows.sorted_by(owner)

    def take(self, rows: NDArray[np.bool_]) -> "_Rows":
        """Those of the rows that are true."""
        return self if rows.all() else self._at(rows)

    def joined(self, others: "_Rows") -> "_Rows":
        """These rows, and others after them."""
        columns: Iterable[Any] = zip(self, others, strict=True)
        return _Rows._make(map(np.concatenate, columns))

    def numbered(self, number: Integers) -> "_Rows":
        """With other numbers of the persons; rows with 0 are left out."""
        return self._replace(person=number).take(number > 0)

    @property
    def cell(self) -> Integers:
        """(R,) one number for frame, person and part, in their order."""
        return self.owner * len(_NAMES) + self.part

    @property
    def persons(self) -> "_Rows":
        """The persons' own rows."""
        return self.take(self.part == _PERSON)

    @property
    def owner(self) -> Integers:
        """(R,) one number for frame and person (below `_NUMBERS`), in their order."""
        return self.frame * _NUMBERS + self.person

    def sorted_by(self, values: Integers) -> "_Rows":
        """By rising values (R,); rows with the same stay in their order."""
        return self._at(np.argsort(values, kind="stable"))

    def _at(self, rows: NDArray[np.bool_] | Integers) -> "_Rows":
        return _Rows._make(column[rows] for column in self)


def _place(rows: _Rows, joined: _Rows) -> Integers:
    """(R,) the row of `joined` of the same part and person; what it lacks follows it, in order."""
    order = np.argsort(joined.cell, kind="stable")
    found = find(rows.cell, joined.cell[order])
    lacking = found < 0
    place = np.append(order, -1)[found]
    place[lacking] = len(order) + np.arange(np.count_nonzero(lacking))
    return place


def _number(rows: _Rows, joined: _Rows, iou: float) -> Integers:
    """(R,) the number in `joined` of each row's person, or a new one; 0 without a person's row."""
    persons, known = rows.persons, joined.persons
    known = known.sorted_by(known.frame)
    person, partner = _pair(persons, known, iou)
    number = np.zeros(len(persons.frame), np.int64)
    number[person] = known.person[partner]
    # persons without a partner follow the known ones, by falling score
    order = np.lexsort((-persons.values[:, 4], persons.frame))
    fresh = order[number[order] == 0]
    most = np.append(known.person, 0)
    frames, first = np.unique(known.frame, return_index=True)
    largest = np.maximum.reduceat(most, first) if len(first) else most[:0]
    taken = np.append(largest, 0)[find(persons.frame[fresh], frames)]
    starts = np.searchsorted(persons.frame[fresh], persons.frame[fresh])
    number[fresh] = taken + np.arange(len(fresh)) - starts + 1
    return np.append(number, 0)[owners(rows.owner, np.flatnonzero(rows.part == _PERSON))]


def _pair(persons: _Rows, known: _Rows, iou: float) -> tuple[Integers, Integers]:
    """Persons and the known ones that they are; `known` is sorted by frame.

    Each person goes to its best partner, and each partner to one person.
    """
    first = np.searchsorted(known.frame, persons.frame, side="left")
    many = np.searchsorted(known.frame, persons.frame, side="right") - first
    person = np.repeat(np.arange(len(many)), many)
    partner = np.arange(len(person)) - np.repeat(np.cumsum(many) - many - first, many)
    overlap = paired_iou(persons.values[person, :4], known.values[partner, :4])
    order = np.flatnonzero(overlap > iou)
    order = order[np.argsort(-overlap[order], kind="stable")]
    for side in (person, partner):
        order = order[np.sort(np.unique(side[order], return_index=True)[1])]
    return person[order], partner[order]


def _decide(joined: _Rows, ballots: Sequence[tuple[Integers, Integers]], names: _Names) -> Voted:
    """The state with most votes for each part; a tie goes to the better rank.

    A ballot has the place among the joined rows of each row of a method, and its state.
    """
    said = np.full((len(ballots), len(joined.frame)), -1)
    for own, (place, state) in zip(said, ballots, strict=True):
        own[place] = state
    kept = joined.person <= MOST_PERSONS
    joined, said = joined.take(kept), said[:, kept]
    votes = np.stack([((said == own) & (own >= 0)).sum(axis=0) for own in said])
    best = votes.argmax(axis=0)[None]
    state = np.take_along_axis(said, best, 0)[0]
    counts = {"votes": votes.max(axis=0, initial=0), "ballots": (said >= 0).sum(axis=0)}
    share = np.where(state >= 0, counts["votes"] / np.maximum(counts["ballots"], 1), np.nan)
    result = _tabulate(joined._replace(state=state), names, share)
    table = result[[*PART_KEY, "state"]].assign(**counts)
    order = np.argsort(joined.cell, kind="stable")
    return Voted(result, table.iloc[order[state[order] >= 0]].reset_index(drop=True))


def _tabulate(rows: _Rows, names: _Names, share: Floats) -> pd.DataFrame:
    """PARSES of rows; `share` (R,) of the methods that gave a part its state, NaN for persons."""
    video, frame = np.divmod(rows.frame, FRAMES)
    columns = {
        "video": _name(names.videos, video),
        "frame": frame.astype(np.int32),
        "person": rows.person.astype(np.int32),
        "part": _name(_NAMES, rows.part),
        **dict(zip([*BOX, "score"], rows.values.T, strict=True)),
        "state": _name(names.states, rows.state),
        "state_probability": share.astype(np.float32),
    }
    return pd.DataFrame(columns)[PARSE_COLUMNS]


def _name(names: Sequence[str], places: Integers) -> pd.Series:
    """Text by its place; null for -1."""
    return pd.Series(pd.array([*names, None], dtype="str").take(places))
