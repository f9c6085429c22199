"""Join a shard's states of several methods to one: a weighted mean in each part group."""

import argparse
import json
from pathlib import Path

from partparse import tables
from partparse.ensemble.fusion import fuse_states
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--methods", nargs="+", required=True, help="names of the tables' methods")
    parser.add_argument("--states", type=Path, nargs="+", required=True, help="states tables")
    parser.add_argument("--weights", required=True, help="{method: {part group: weight}} as JSON")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    read = (tables.read(path, tables.STATES) for path in args.states)
    members = dict(zip(args.methods, read, strict=True))
    tables.write(fuse_states(members, json.loads(args.weights)), args.out, tables.STATES)


if __name__ == "__main__":
    run(main)
