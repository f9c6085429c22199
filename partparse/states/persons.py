"""Persons with their parts as arrays: annotated ones to learn from, detected ones to judge."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse.boxes import Floats, Integers, area
from partparse.errors import InputError
from partparse.row_keys import codes, positions
from partparse.sampling import scored_rows
from partparse.states.rows import known_codes, states_table
from partparse.tables import ACTIONS, BOX, PERSON_KEY, checked, probability_columns
from partparse.vocabulary import PARTS, PERSON, Vocabulary

UNKNOWN = -1  # the state of a part that is not annotated, or not known yet


@dataclass(frozen=True)
class PersonParts:
    """N persons, sorted by video, frame and number."""

    keys: pd.DataFrame  # columns video, frame, person; index 0 to N - 1
    boxes: NDArray[np.float64]  # (N, 4) pixels of the frame
    part_boxes: NDArray[np.float64]  # (N, 10, 4) in the order of `PARTS`; NaN where there is none
    states: Integers  # (N, 10) indices into the vocabulary's states, `UNKNOWN` where there is none

    def __len__(self) -> int:
        """N."""
        return len(self.keys)

    @property
    def found(self) -> NDArray[np.bool_]:
        """(N, 10): which parts have a box."""
        return np.asarray(np.isfinite(self.part_boxes).all(axis=2))

    def take(self, rows: Any) -> "PersonParts":
        """The persons of some rows: indices, a mask or a slice."""
        return PersonParts(
            self.keys.iloc[rows].reset_index(drop=True),
            self.boxes[rows],
            self.part_boxes[rows],
            self.states[rows],
        )


def annotated_persons(
    annotations: pd.DataFrame, frames: pd.DataFrame, vocabulary: Vocabulary, stride: int
) -> PersonParts:
    """The persons of ANNOTATIONS with at least one state, on frames 1, 1 + stride, …

    Frames that were not extracted (FRAMES) are left out. Raises InputError for a state that the
    vocabulary lacks.
    """
    rows = scored_rows(annotations, stride, frames)
    labelled = rows[rows["part"] != PERSON].dropna(subset="state")
    persons = rows[rows["part"] == PERSON].merge(
        labelled[PERSON_KEY].drop_duplicates(), on=PERSON_KEY
    )
    return _arrange(persons, labelled, known_codes(labelled["state"], vocabulary.states, "state"))


def detected_persons(persons: pd.DataFrame, parts: pd.DataFrame) -> PersonParts:
    """The persons of PERSONS with their rows of PARTS_TABLE; no state is known."""
    rows = parts[parts["part"].isin(PARTS)]
    return _arrange(persons, rows, np.full(len(rows), UNKNOWN))


def _arrange(persons: pd.DataFrame, rows: pd.DataFrame, known: Integers) -> PersonParts:
    persons = persons.sort_values(PERSON_KEY, ignore_index=True)
    part_boxes = np.full((len(persons), len(PARTS), 4), np.nan)
    states = np.full((len(persons), len(PARTS)), UNKNOWN, np.int64)
    owner = positions(rows, persons, PERSON_KEY)
    if (owner < 0).any():
        video, frame, person = rows[PERSON_KEY].iloc[int(np.argmin(owner))]
        raise InputError(f"video {video!r}, frame {frame}: parts of person {person}, who is absent")
    place = codes(rows["part"], PARTS)
    part_boxes[owner, place] = rows[BOX].to_numpy(float)
    states[owner, place] = known
    return PersonParts(persons[PERSON_KEY], persons[BOX].to_numpy(float), part_boxes, states)


def tabulate_states(
    persons: PersonParts, distributions: Floats, vocabulary: Vocabulary
) -> pd.DataFrame:
    """The STATES table of distributions (N, 10, states): a row for each part that has a box."""
    who, which = np.nonzero(persons.found)
    rows = persons.keys.iloc[who].assign(part=np.array(PARTS, object)[which])
    return states_table(rows.reset_index(drop=True), distributions[who, which], vocabulary)


def pool_actions(
    persons: pd.DataFrame,
    distributions: Floats,
    videos: pd.Series,
    vocabulary: Vocabulary,
    seen: Floats | None = None,
) -> pd.DataFrame:
    """The ACTIONS table of `videos`: the mean of what is said of their persons.

    A person counts by the score and the area of its box, as those who stand small in the
    background do not act, and little can be made out of them; and by `seen`, the share of the time
    about the frame in which a method that looks at movement saw it. A video without a person is
    uniform.

    Args:
        persons: N persons at key frames, with the columns video, score and their box.
        distributions: (N, actions).
        videos: Those that get a row, in this order.
        vocabulary: The names of the actions.
        seen: (N,); None: all alike.
    """
    weights = persons["score"].to_numpy(float) * area(persons[BOX].to_numpy(float))
    weights = (weights if seen is None else weights * seen)[:, None]
    columns = probability_columns(vocabulary.actions)
    sums = pd.DataFrame(np.asarray(distributions, float) * weights, columns=columns)
    sums = sums.groupby(persons["video"].to_numpy()).sum().reindex(videos).fillna(0.0)
    total = sums.to_numpy().sum(axis=1, keepdims=True)
    even = 1 / len(columns)
    values = np.where(total > 0, sums.to_numpy() / np.where(total > 0, total, 1), even)
    table = pd.DataFrame(values, columns=columns)
    table.insert(0, "video", videos.to_numpy())
    return checked(table, ACTIONS)
