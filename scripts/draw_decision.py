"""Draw whether the decision's probabilities and expectations come true."""

import argparse
from pathlib import Path

import pandas as pd

from partparse.csv_tables import read_csv, read_csvs
from partparse.program import run
from partparse.report import figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder of the fitted decision")
    parser.add_argument("--expected", type=Path, nargs="+", required=True, help="of each video")
    parser.add_argument("--videos", type=Path, nargs="+", required=True, help="scores by video")
    parser.add_argument("--reliability-out", type=Path, required=True, help="SVG to write")
    parser.add_argument("--expected-out", type=Path, required=True, help="SVG to write")
    args = parser.parse_args()
    figures.draw_reliability(read_csv(args.model / "reliability.csv"), args.reliability_out)
    expected = read_csvs(args.expected)[["video", "psc"]].rename(columns={"psc": "expected"})
    obtained = read_csvs(args.videos)[["video", "split", "psc"]]
    joined: pd.DataFrame = obtained.merge(expected, on="video", validate="one_to_one")
    figures.draw_expected_psc(joined, args.expected_out)


if __name__ == "__main__":
    run(main)
