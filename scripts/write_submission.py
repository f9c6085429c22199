"""Write the challenge's two files and their zip from parses and predicted actions."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.challenge.submission import submitted_lengths, write_submission
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parses", type=Path, nargs="+", required=True, help="parses tables")
    parser.add_argument("--actions", type=Path, nargs="+", required=True, help="actions tables")
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="frames tables")
    parser.add_argument("--stride", type=int, required=True, help="step between scored frames")
    parser.add_argument("--out-dir", type=Path, required=True, help="folder to write into")
    args = parser.parse_args()
    write_submission(
        args.out_dir,
        tables.read_all_coded(args.parses, tables.PARSES),
        tables.predicted_action(tables.read_all(args.actions, tables.ACTIONS)),
        submitted_lengths(tables.read_all(args.frames, tables.FRAMES)),
        stride=args.stride,
    )


if __name__ == "__main__":
    run(main)
