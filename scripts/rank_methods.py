"""Rank methods by their mean PSC on val, for each action and over all, with cross-fitting."""

import argparse
from pathlib import Path

from partparse.ensemble.choice import rank_methods
from partparse.files.atomic import atomic_path
from partparse.files.csv_tables import read_csvs
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scores", type=Path, nargs="+", required=True, help="scores of val")
    parser.add_argument("--folds", type=int, required=True, help="cross-fitting folds")
    parser.add_argument("--out", type=Path, required=True, help="ranking to write (CSV)")
    args = parser.parse_args()
    with atomic_path(args.out) as path:
        rank_methods(read_csvs(args.scores), args.folds).to_csv(path, index=False)


if __name__ == "__main__":
    run(main)
