"""Score one method's parses on one split: by video, by part, and by action and part."""

import argparse
from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.challenge.submission import submitted_lengths
from partparse.files.atomic import atomic_path
from partparse.metric import evaluate_shards, require_judged, summarise_actions, summarise_parts
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
    parser.add_argument("--out", type=Path, required=True, help="CSV to write, a row a video")
    parser.add_argument("--parts-out", type=Path, required=True, help="CSV to write, a row a part")
    parser.add_argument(
        "--actions-out", type=Path, required=True, help="CSV to write, a row an action and part"
    )
    args = parser.parse_args()

    annotations = [tables.read_all_coded([path], tables.ANNOTATIONS) for path in args.annotations]
    annotated = pd.concat([table[["video"]].drop_duplicates() for table in annotations])
    truth = require_judged(tables.read_all(args.truth, tables.TRUTH), annotated, args.split)
    actions = tables.predicted_action(tables.read_all(args.actions, tables.ACTIONS))
    result = evaluate_shards(
        truth,
        annotations,
        actions,
        (tables.read_all_coded([path], tables.PARSES) for path in args.parses),
        submitted_lengths(tables.read_all(args.frames, tables.FRAMES)),
        stride=args.stride,
    )
    predicted = actions.rename(columns={"action": "predicted"})
    videos = truth.merge(predicted, on="video").merge(result.videos, on="video")
    videos["value"] = result.values
    for table, path in (
        (videos, args.out),
        (summarise_parts(result.parts), args.parts_out),
        (summarise_actions(result.parts, truth), args.actions_out),
    ):
        table.insert(0, "method", args.method)
        table.insert(1, "split", args.split)
        with atomic_path(path) as temporary:
            table.to_csv(temporary, index=False)


if __name__ == "__main__":
    run(main)
