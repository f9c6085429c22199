"""Turn a method's state distributions into its parse: boxes and the likeliest state."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import run
from partparse.states.parses import parse


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=Path, required=True, help="persons table")
    parser.add_argument("--parts", type=Path, required=True, help="parts table")
    parser.add_argument("--states", type=Path, required=True, help="states table")
    parser.add_argument("--out", type=Path, required=True, help="parses table to write")
    args = parser.parse_args()
    parses = parse(
        tables.read(args.persons, tables.PERSONS),
        tables.read(args.parts, tables.PARTS_TABLE),
        tables.read(args.states, tables.STATES),
    )
    tables.write(parses, args.out, tables.PARSES)


if __name__ == "__main__":
    run(main)
