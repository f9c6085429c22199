"""Draw how the trainings went."""

import argparse
from pathlib import Path

from partparse.report.curves import draw_trainings
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", required=True, help="NAME=FOLDER of each model")
    parser.add_argument("--out", type=Path, required=True, help="SVG to write")
    args = parser.parse_args()
    models = {name: Path(folder) for name, folder in (m.split("=", 1) for m in args.models)}
    draw_trainings(models, args.out)


if __name__ == "__main__":
    run(main)
