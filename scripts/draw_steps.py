"""Draw what each step of the decision adds to the score."""

import argparse
from pathlib import Path

from partparse.files.csv_tables import read_csv
from partparse.report import figures
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ladder", type=Path, required=True, help="comparison of the rungs (CSV)")
    parser.add_argument("--out", type=Path, required=True, help="SVG to write")
    args = parser.parse_args()
    figures.draw_steps(read_csv(args.ladder), args.out)


if __name__ == "__main__":
    run(main)
