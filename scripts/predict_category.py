"""Give each part of a shard the statistics of the predicted action."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import run
from partparse.states.category.prediction import predict_category
from partparse.vocabulary import Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statistics", type=Path, required=True)
    parser.add_argument("--actions", type=Path, required=True)
    parser.add_argument("--parts", type=Path, required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    states = predict_category(
        tables.read(args.statistics, tables.CATEGORY_STATISTICS),
        tables.read(args.actions, tables.ACTIONS),
        tables.read(args.parts, tables.PARTS_TABLE),
        Vocabulary.read(args.vocabulary),
    )
    tables.write(states, args.out, tables.STATES)


if __name__ == "__main__":
    run(main)
