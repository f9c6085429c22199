"""Voting over methods: persons joined by IoU, the majority's state for each part.

Source: Dong, Chen, Wang, "Technical Report of Challenge on Kinetics-TPS Track", 2022: the boxes
are those of the best method, persons of all methods with IoU above 0.8 are one person, and each
part takes the state that most methods give it. Ties, on which the report is silent, go to the
state of the better ranked method; persons that the best method lacks keep the box of the best
method that has them. So with two methods that share their boxes, a vote is the better one's parse.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from partparse.boxes import paired_iou
from partparse.parses import COLUMNS
from partparse.tables import BOX
from partparse.vocabulary import PERSON

FRAME_KEY = ["video", "frame"]
PERSON_KEY = [*FRAME_KEY, "person"]
MOST_PERSONS = 10


class Voted(NamedTuple):
    """The result of a vote."""

    parses: pd.DataFrame
    """PARSES; persons of a frame stay in the order of the best method, others follow."""
    votes: pd.DataFrame
    """VOTES: why each part has its state."""


def vote(parses: Mapping[str, pd.DataFrame], order: Sequence[str], iou: float) -> Voted:
    """Join PARSES tables to one.

    Args:
        parses: a PARSES table for each method, all of the same videos.
        order: the methods from best to worst.
        iou: persons above this overlap are the same.
    """
    joined = parses[order[0]][COLUMNS].iloc[:0]
    ballots = []
    for rank, method in enumerate(order):
        table = _renumber(parses[method], joined, iou)
        ballots.append(table.assign(rank=rank))
        joined = _add_missing(joined, table)
    joined = joined[joined["person"] <= MOST_PERSONS]
    votes = _majority(pd.concat(ballots, ignore_index=True))
    votes = votes[votes["person"] <= MOST_PERSONS]
    key = [*PERSON_KEY, "part"]
    states = votes[[*key, "state"]]
    return Voted(joined.drop(columns="state").merge(states, on=key, how="left")[COLUMNS], votes)


def _renumber(table: pd.DataFrame, joined: pd.DataFrame, iou: float) -> pd.DataFrame:
    """Give `table`'s persons the numbers of those in `joined` that they are, else new ones."""
    persons = table.loc[table["part"] == PERSON, [*PERSON_KEY, *BOX, "score"]]
    known = joined.loc[joined["part"] == PERSON, [*PERSON_KEY, *BOX]]
    pairs = persons.merge(known, on=FRAME_KEY, suffixes=("", "_known"))
    overlap = paired_iou(pairs[BOX], pairs[[f"{c}_known" for c in BOX]])
    pairs = pairs.assign(overlap=overlap)[overlap > iou]
    # each person to its best partner, and each partner to one person
    pairs = pairs.sort_values("overlap", ascending=False, kind="stable")
    pairs = pairs.drop_duplicates(PERSON_KEY).drop_duplicates([*FRAME_KEY, "person_known"])
    numbers = persons[[*PERSON_KEY, "score"]].merge(
        pairs[[*PERSON_KEY, "person_known"]], on=PERSON_KEY, how="left"
    )
    numbers = _number_new(numbers, known)
    renamed = table.merge(numbers[[*PERSON_KEY, "number"]], on=PERSON_KEY, how="inner")
    return renamed.assign(person=renamed["number"].astype("int32"))[COLUMNS]


def _number_new(numbers: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Number the persons without a partner after the known ones, by falling score."""
    taken = known.groupby(FRAME_KEY)["person"].max().rename("taken")
    numbers = numbers.merge(taken, left_on=FRAME_KEY, right_index=True, how="left")
    numbers = numbers.sort_values([*FRAME_KEY, "score"], ascending=[True, True, False])
    is_new = numbers["person_known"].isna()
    place = is_new.groupby([numbers["video"], numbers["frame"]]).cumsum()
    fresh = numbers["taken"].fillna(0) + place
    return numbers.assign(number=numbers["person_known"].where(~is_new, fresh))


def _add_missing(joined: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Rows of `table` for parts and persons that `joined` lacks."""
    key = [*PERSON_KEY, "part"]
    known = pd.MultiIndex.from_frame(joined[key])
    is_known = np.asarray(pd.MultiIndex.from_frame(table[key]).isin(known), bool)
    return pd.concat([joined, table[~is_known]], ignore_index=True)


def _majority(ballots: pd.DataFrame) -> pd.DataFrame:
    """The state with most votes for each part; a tie goes to the better rank."""
    key = [*PERSON_KEY, "part"]
    votes = ballots[ballots["part"] != PERSON]
    counts = votes.groupby([*key, "state"], as_index=False).agg(
        votes=("rank", "size"), rank=("rank", "min")
    )
    counts["ballots"] = counts.groupby(key)["votes"].transform("sum")
    counts = counts.sort_values([*key, "votes", "rank"], ascending=[True] * 4 + [False, True])
    return counts.drop_duplicates(key)[[*key, "state", "votes", "ballots"]]
