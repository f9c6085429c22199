"""What a finished run has chosen, where the plan for new videos hangs on it."""

import csv
from collections.abc import Sequence
from pathlib import Path


def best_of(ranking: Path, names: Sequence[str]) -> str:
    """The first in a table that ranks `names` in its column `variant`.

    The first of `names` where the table is empty, or is not there: then its rule says so.
    """
    if not ranking.is_file():
        return names[0]
    with ranking.open(newline="", encoding="utf-8") as file:
        return next((row["variant"] for row in csv.DictReader(file)), names[0])
