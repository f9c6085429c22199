"""Join a shard's actions of several models to one: their weighted mean."""

import argparse
import json
from pathlib import Path

from partparse import tables
from partparse.recognition.fusion import fuse_actions
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", required=True, help="names of the tables' models")
    parser.add_argument("--actions", type=Path, nargs="+", required=True, help="actions tables")
    parser.add_argument("--weights", required=True, help="{model: weight} as JSON")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    read = (tables.read(path, tables.ACTIONS) for path in args.actions)
    members = dict(zip(args.models, read, strict=True))
    tables.write(fuse_actions(members, json.loads(args.weights)), args.out, tables.ACTIONS)


if __name__ == "__main__":
    run(main)
