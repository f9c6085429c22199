"""Count the states of each part in each action's training videos."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import parse_settings, run
from partparse.states.category.prediction import fit_category
from partparse.states.category.settings import CategorySettings
from partparse.vocabulary import Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=Path, nargs="+", required=True)
    parser.add_argument("--annotations", type=Path, nargs="+", required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--settings", required=True, help="CategorySettings as JSON")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    statistics = fit_category(
        tables.read_all(args.videos, tables.VIDEOS),
        tables.read_all(args.annotations, tables.ANNOTATIONS),
        Vocabulary.read(args.vocabulary),
        parse_settings(CategorySettings, args.settings),
    )
    tables.write(statistics, args.out, tables.CATEGORY_STATISTICS)


if __name__ == "__main__":
    run(main)
