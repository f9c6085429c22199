"""Draw the figures of the report."""

import argparse
from pathlib import Path

import pandas as pd

from partparse.csv_tables import read_csv, read_csvs
from partparse.program import run
from partparse.report import figures
from partparse.tables import SPLITS


def of_split(table: pd.DataFrame, split: str) -> pd.DataFrame:
    return table[table["split"] == split]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scores", type=Path, required=True, help="scores.csv")
    parser.add_argument("--videos", type=Path, nargs="+", required=True, help="scores by video")
    parser.add_argument("--parts", type=Path, nargs="+", required=True, help="scores by part")
    parser.add_argument("--oracles", type=Path, nargs="+", required=True, help="oracle ladders")
    parser.add_argument("--final", required=True, help="method that is submitted")
    parser.add_argument("--out", type=Path, required=True, help="folder for the figures")
    args = parser.parse_args()
    scores = read_csv(args.scores)
    headline = scores["split"].iloc[-1] if len(scores) else SPLITS[-1]
    videos = of_split(read_csvs(args.videos), headline)
    figures.draw_ladder(scores, args.out / "ladder.svg")
    figures.draw_oracles(read_csvs(args.oracles), args.out / "oracles.svg")
    figures.draw_threshold_curve(videos, args.out / "threshold_curve.svg")
    figures.draw_part_accuracy(
        of_split(read_csvs(args.parts), headline), args.out / "part_accuracy.svg"
    )
    figures.draw_confusion(
        videos[videos["method"] == args.final], args.out / "action_confusion.svg"
    )


if __name__ == "__main__":
    run(main)
