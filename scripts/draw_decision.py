"""Draw what the decision chose, and whether its probabilities and expectations come true."""

import argparse
from pathlib import Path

import pandas as pd

from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.ensemble.folds import ALL
from partparse.files.array_files import read_arrays
from partparse.files.atomic import write_text
from partparse.files.csv_tables import read_csv, read_csvs
from partparse.report import figures
from partparse.report.decision_page import decision_page, pool_weights
from partparse.report.heat_maps import draw_weights
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder of the fitted decision")
    parser.add_argument("--expected", type=Path, nargs="+", required=True, help="of each video")
    parser.add_argument("--videos", type=Path, nargs="+", required=True, help="scores by video")
    parser.add_argument("--reliability-out", type=Path, required=True, help="SVG to write")
    parser.add_argument("--expected-out", type=Path, required=True, help="SVG to write")
    parser.add_argument("--weights-out", type=Path, required=True, help="SVG to write")
    parser.add_argument("--chosen-out", type=Path, required=True, help="HTML to write")
    args = parser.parse_args()
    figures.draw_reliability(read_csv(args.model / "reliability.csv"), args.reliability_out)
    expected = read_csvs(args.expected)[["video", "psc"]].rename(columns={"psc": "expected"})
    obtained = read_csvs(args.videos)[["video", "split", "psc"]]
    joined: pd.DataFrame = obtained.merge(expected, on="video", validate="one_to_one")
    figures.draw_expected_psc(joined, args.expected_out)
    fitted = read_arrays(DecisionModel, args.model / f"{ALL}.npz")
    statistics = read_arrays(TrainingStatistics, args.model / "background.npz")
    draw_weights(pool_weights(fitted, statistics), args.weights_out)
    write_text(args.chosen_out, decision_page(args.model))


if __name__ == "__main__":
    run(main)
