"""Score one method's parses with pieces of the ground truth swapped in."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.challenge.submission import submitted_lengths
from partparse.files.atomic import atomic_path
from partparse.metric import require_judged
from partparse.metric.oracle import oracle_ladder
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--method", required=True, help="name of the method")
    parser.add_argument("--split", required=True, help="name of the split")
    parser.add_argument("--parses", type=Path, nargs="+", required=True, help="parses tables")
    parser.add_argument("--actions", type=Path, nargs="+", required=True, help="actions tables")
    parser.add_argument("--truth", type=Path, nargs="+", required=True, help="truth tables")
    parser.add_argument("--annotations", type=Path, nargs="+", required=True, help="their tables")
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="frames tables")
    parser.add_argument("--stride", type=int, required=True, help="step between scored frames")
    parser.add_argument("--out", type=Path, required=True, help="CSV to write, a row a rung")
    args = parser.parse_args()

    annotations = tables.read_all(args.annotations, tables.ANNOTATIONS)
    ladder = oracle_ladder(
        require_judged(tables.read_all(args.truth, tables.TRUTH), annotations, args.split),
        annotations,
        tables.predicted_action(tables.read_all(args.actions, tables.ACTIONS)),
        tables.read_all(args.parses, tables.PARSES),
        submitted_lengths(tables.read_all(args.frames, tables.FRAMES)),
        stride=args.stride,
    )
    ladder.insert(0, "method", args.method)
    ladder.insert(1, "split", args.split)
    with atomic_path(args.out) as path:
        ladder.to_csv(path, index=False)


if __name__ == "__main__":
    run(main)
