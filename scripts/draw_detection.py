"""Draw precision over recall of the detectors."""

import argparse
from pathlib import Path

from partparse.files.csv_tables import read_csv
from partparse.report.curves import draw_detector_curves
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--curves", type=Path, required=True, help="precision by recall")
    parser.add_argument("--out", type=Path, required=True, help="SVG to write")
    args = parser.parse_args()
    draw_detector_curves(read_csv(args.curves), args.out)


if __name__ == "__main__":
    run(main)
