"""For each video, take the parse of the method that is best for the video's predicted action."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.ensemble.choice import choose_methods, take_chosen
from partparse.files.atomic import atomic_path
from partparse.files.csv_tables import read_csv
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parses", nargs="+", required=True, help="METHOD=TABLE for each method")
    parser.add_argument("--choice", type=Path, required=True, help="ranking of the methods")
    parser.add_argument("--actions", type=Path, required=True, help="actions table")
    parser.add_argument("--split", required=True, help="split of the tables' videos")
    parser.add_argument("--folds", type=int, required=True, help="cross-fitting folds")
    parser.add_argument("--chosen", type=Path, required=True, help="what was chosen, and why (CSV)")
    parser.add_argument("--out", type=Path, required=True, help="parses table to write")
    args = parser.parse_args()
    parses = {
        method: tables.read(Path(path), tables.PARSES)
        for method, path in (entry.split("=", 1) for entry in args.parses)
    }
    actions = tables.predicted_action(tables.read(args.actions, tables.ACTIONS))
    choice = read_csv(args.choice)
    chosen = choose_methods(
        choice, actions.set_index("video")["action"], args.split, args.folds, list(parses)
    )
    with atomic_path(args.chosen) as path:
        chosen.to_csv(path, index=False)
    taken = take_chosen(parses, chosen.set_index("video")["method"])
    tables.write(taken, args.out, tables.PARSES)


if __name__ == "__main__":
    run(main)
