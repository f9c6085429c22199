"""Print how the methods of a ladder compare over the videos of one or several finished runs.

Runs may differ in a seed or in their data; the figures are means over all videos of all runs.
"""

import argparse
from pathlib import Path

import pandas as pd

from partparse.files.atomic import atomic_path
from partparse.files.csv_tables import read_csvs
from partparse.report.comparison import compare_ladder, ladder_markdown
from partparse.report.scores import SPLIT_ORDER
from partparse.running.program import run


def read_run(folder: Path, splits: list[str], methods: list[str]) -> pd.DataFrame:
    """Scores by video of the methods; column run is the folder."""
    scores = folder / "results" / "scores"
    paths = [scores / split / f"{method}.csv" for split in splits for method in methods]
    return read_csvs(paths).assign(run=str(folder))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, nargs="+", required=True, help="folders of the runs")
    parser.add_argument("--splits", nargs="+", default=[*SPLIT_ORDER], help="splits to compare on")
    parser.add_argument("--methods", nargs="+", required=True, help="the rungs, lowest first")
    parser.add_argument("--references", nargs="+", required=True, help="what all are compared to")
    parser.add_argument("--out", type=Path, help="CSV to write as well: compare_methods.py's table")
    args = parser.parse_args()
    methods = list(dict.fromkeys([*args.methods, *args.references]))
    videos = pd.concat([read_run(folder, args.splits, methods) for folder in args.runs])
    ladder = compare_ladder(videos, args.methods, args.references)
    if args.out:
        with atomic_path(args.out) as path:
            ladder.to_csv(path, index=False)
    print(ladder_markdown(ladder))


if __name__ == "__main__":
    run(main)
