"""What is richer is taken only where val leaves little doubt that it is better.

What has more to fit looks better than it is on the few videos that it is chosen by. So the
candidates of each step stand in an order, from simple to rich, and one is taken in the place of the
one before only where its score is higher by more than luck would make it. The test is Fisher's
("The Design of Experiments", 1935, section 21): were both equally good, each video's difference
could as well have the other sign.

Where what has more to fit is known to do better from the first video on, the order is turned round:
`partparse.decision.action`.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import permutation_test

from partparse.boxes import Floats

LUCK = 0.0228
"""How likely luck alone may make a gain that is believed: of many videos, as likely as a mean more
than two standard errors above 0. Of n videos no gain is less likely than 1 in 2^n, the one in which
each is better: with fewer than six the simplest candidate stays, whatever val says."""

_RESAMPLES = 9_999
_SEED = 0


@dataclass(frozen=True)
class Gain:
    """How much more one way scores than another over the same videos."""

    mean: float
    standard_error: float  # NaN for less than two videos
    luck: float  # how likely it would be as large, were both equally good

    @property
    def is_clear(self) -> bool:
        """Whether it is more than luck."""
        return self.mean > 0 and self.luck <= LUCK


def gain_of(richer: Floats, simpler: Floats) -> Gain:
    """Compare the scores (V,) that two ways have of the same videos, none or more."""
    differences = np.asarray(richer, float) - np.asarray(simpler, float)
    count = len(differences)
    if count < 2 or not differences.any():
        return Gain(float(differences.sum()), 0.0 if count > 1 else np.nan, 1.0)
    error = differences.std(ddof=1) / np.sqrt(count)
    drawn = permutation_test(
        (differences,),
        np.mean,
        permutation_type="samples",
        alternative="greater",
        vectorized=True,
        n_resamples=_RESAMPLES,
        batch=max(1, 1_000_000 // count),
        rng=np.random.default_rng(_SEED),
    )
    return Gain(float(differences.mean()), float(error), float(drawn.pvalue))


@dataclass
class Ladder:
    """The candidates of a step as they are tried, and which of them is taken.

    Scores are those of the same V videos, each by what was fitted without it.
    """

    step: str
    taken: str
    """Name of the candidate, at first the one that stays where val has doubts."""
    scores: Floats
    """(V,) its."""
    rows: list[tuple[str, float, float, float, float, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The one that is there at first is written down first."""
        self.rows.append((self.taken, _mean(self.scores), np.nan, np.nan, np.nan, True))

    def climb(self, name: str, scores: Floats, *, provided: bool = True) -> bool:
        """Try the next candidate. Returns whether it is taken now; never, if not `provided`."""
        gain = gain_of(scores, self.scores)
        better = gain.is_clear and bool(provided)
        written = (gain.mean, gain.standard_error, gain.luck)
        self.rows.append((name, _mean(scores), *written, better))
        if better:
            self.taken, self.scores = name, scores
        return better

    def table(self) -> pd.DataFrame:
        """A row for each candidate in the order in which they were tried.

        Columns step, candidate, score (mean), gain (to the one that was taken before), its
        standard_error, luck, better (whether it was taken then).
        """
        columns = ["candidate", "score", "gain", "standard_error", "luck", "better"]
        table = pd.DataFrame(self.rows, columns=columns)
        table.insert(0, "step", self.step)
        return table


def _mean(scores: Floats) -> float:
    return float(np.mean(scores)) if len(scores) else np.nan
