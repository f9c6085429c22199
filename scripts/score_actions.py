"""Score one action model on one split: top-1, mean accuracy over the classes, log-loss."""

import argparse
from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.files.atomic import atomic_path
from partparse.metric.actions import score_actions
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="name of the model")
    parser.add_argument("--split", required=True, help="name of the split")
    parser.add_argument("--actions", type=Path, nargs="+", required=True, help="actions tables")
    parser.add_argument("--truth", type=Path, nargs="+", required=True, help="truth tables")
    parser.add_argument("--out", type=Path, required=True, help="CSV to write, one row")
    args = parser.parse_args()
    truth = tables.read_all(args.truth, tables.TRUTH)
    scores = score_actions(truth, tables.read_all(args.actions, tables.ACTIONS))
    row = pd.DataFrame([{"split": args.split, "method": args.model, **scores}])
    with atomic_path(args.out) as path:
        row.to_csv(path, index=False)


if __name__ == "__main__":
    run(main)
