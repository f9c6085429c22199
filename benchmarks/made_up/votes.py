"""Six made-up PARSES tables of the same videos, whose persons are mostly the same.

python -m benchmarks.made_up.votes FOLDER VIDEOS
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.made_up.evidence import SIZE
from benchmarks.made_up.tables import make_up, make_world
from partparse import tables
from partparse.states.rows import parse
from partparse.tables import BOX


def main() -> None:
    """Write a table for each method: METHOD.parquet."""
    folder, videos = Path(sys.argv[1]), int(sys.argv[2])
    for method, table in make_votes(videos).items():
        tables.write(table, folder / f"{method}.parquet", tables.PARSES)


def make_votes(videos: int) -> dict[str, pd.DataFrame]:
    """PARSES of six methods."""
    made = make_up(replace(SIZE, videos=videos), make_world(SIZE, seed=0), 0).given
    rng = np.random.default_rng(0)
    return {
        method: move(rng, parse(made.persons, made.parts["dots"], states))
        for method, states in made.states.items()
    }


def move(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """The boxes of a table, moved by some pixels."""
    moved = table[BOX].to_numpy(float) + rng.normal(0, 3, (len(table), 4))
    low, high = np.minimum(moved[:, :2], moved[:, 2:]), np.maximum(moved[:, :2], moved[:, 2:])
    columns = dict(zip(BOX, np.hstack([low, high]).astype(np.float32).T, strict=True))
    return table.assign(**columns)


if __name__ == "__main__":
    main()
