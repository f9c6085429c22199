"""Compare the methods of a ladder, video by video, to the rung before and to references."""

import argparse
from pathlib import Path

from partparse.files.atomic import atomic_path
from partparse.files.csv_tables import read_csvs
from partparse.report.comparison import compare_ladder
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scores", type=Path, nargs="+", required=True, help="scores by video")
    parser.add_argument("--methods", nargs="+", required=True, help="the rungs, lowest first")
    parser.add_argument("--references", nargs="+", required=True, help="what all are compared to")
    parser.add_argument("--out", type=Path, required=True, help="comparison to write (CSV)")
    args = parser.parse_args()
    videos = read_csvs(args.scores).assign(run="this")
    ladder = compare_ladder(videos, args.methods, args.references)
    with atomic_path(args.out) as path:
        ladder.to_csv(path, index=False)


if __name__ == "__main__":
    run(main)
