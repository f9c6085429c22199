"""Draw the figures of the report."""

import argparse
from pathlib import Path

import pandas as pd

from partparse.files.csv_tables import read_csv, read_csvs
from partparse.report import figures, heat_maps, psc_figures
from partparse.report.oracle_figure import draw_oracles
from partparse.running.program import run


def of_split(table: pd.DataFrame, split: str) -> pd.DataFrame:
    return table[table["split"] == split]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scores", type=Path, required=True, help="scores.csv")
    parser.add_argument("--videos", type=Path, nargs="+", required=True, help="scores by video")
    parser.add_argument("--parts", type=Path, nargs="+", required=True, help="scores by part")
    parser.add_argument("--actions", type=Path, required=True, help="by action and part, of final")
    parser.add_argument("--oracles", type=Path, nargs="+", required=True, help="oracle ladders")
    parser.add_argument("--choice", type=Path, required=True, help="methods by action")
    parser.add_argument("--final", required=True, help="method that is submitted")
    parser.add_argument("--split", required=True, help="of figures that show one split alone")
    parser.add_argument("--out", type=Path, required=True, help="folder for the figures")
    args = parser.parse_args()
    videos = of_split(read_csvs(args.videos), args.split)
    final = videos[videos["method"] == args.final]
    parts = of_split(read_csvs(args.parts), args.split)
    out = args.out
    figures.draw_ladder(read_csv(args.scores), out / "ladder.svg")
    draw_oracles(of_split(read_csvs(args.oracles), args.split), out / "oracles.svg")
    psc_figures.draw_threshold_curve(videos, args.final, out / "threshold_curve.svg")
    psc_figures.draw_psc_distribution(final, out / "psc_distribution.svg")
    heat_maps.draw_part_accuracy(parts, out / "part_accuracy.svg")
    heat_maps.draw_state_accuracy(read_csv(args.actions), out / "state_accuracy.svg")
    heat_maps.draw_choice(read_csv(args.choice), out / "choice.svg")
    heat_maps.draw_confusion(final, out / "action_confusion.svg")


if __name__ == "__main__":
    run(main)
