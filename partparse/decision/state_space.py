"""Which states each part can have: those that training annotations give it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partparse.boxes import Integers
from partparse.row_keys import codes
from partparse.vocabulary import PARTS


@dataclass(frozen=True)
class StateSpace:
    """For each of the ten parts, in the order of `PARTS`, its states.

    A state that a part never has in the training data is not considered for it. A part that is
    never annotated there keeps every state of the vocabulary.
    """

    states: tuple[tuple[str, ...], ...]  # ten tuples of names, each in the order of the vocabulary

    @classmethod
    def of(cls, annotations: pd.DataFrame, vocabulary: Sequence[str]) -> "StateSpace":
        """From ANNOTATIONS of training videos and the names of all states."""
        rows = annotations[annotations["part"].isin(PARTS)].dropna(subset="state")
        held = rows.groupby("part")["state"].unique().to_dict()
        return cls(
            tuple(
                tuple(name for name in vocabulary if name in set(held.get(part, vocabulary)))
                for part in PARTS
            )
        )

    @property
    def sizes(self) -> list[int]:
        """How many states each part has."""
        return [len(names) for names in self.states]

    def encode(self, states: pd.Series, parts: Integers) -> Integers:
        """(rows,) position of each state, a name, among its part's; -1 where that never has it.

        `parts` (rows,) are positions in `PARTS`.
        """
        code = np.full(len(states), -1, np.int64)
        for part, names in enumerate(self.states):
            own = parts == part
            code[own] = codes(states[own], names)
        return code
