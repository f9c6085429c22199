"""Decide on a shard: its boxes, states and actions, and the score to expect."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.decision.cross_fit import decide_by_fold
from partparse.decision.inputs import add_inputs, parse_inputs
from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.decision.settings import DecisionSettings
from partparse.errors import InputError
from partparse.files.array_files import read_arrays
from partparse.files.atomic import atomic_path
from partparse.running.program import limit_threads, parse_settings, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_inputs(parser)
    parser.add_argument("--shard", required=True, help="name of the shard")
    parser.add_argument("--model", type=Path, required=True, help="folder of the fitted decision")
    parser.add_argument("--folds", type=int, required=True, help="cross-fitting folds")
    parser.add_argument("--settings", required=True, help="DecisionSettings as JSON")
    parser.add_argument("--parses-out", type=Path, required=True, help="parses table to write")
    parser.add_argument("--actions-out", type=Path, required=True, help="actions table to write")
    parser.add_argument(
        "--probabilities-out", type=Path, required=True, help="actions table: P(action) alone"
    )
    parser.add_argument(
        "--expected-out", type=Path, required=True, help="CSV to write, a row a video"
    )
    parser.add_argument("--threads", type=int, required=True)
    args = parser.parse_args()
    limit_threads(args.threads)

    statistics = read_arrays(TrainingStatistics, args.model / "background.npz")
    evidence = parse_inputs(args).gather(args.shard, statistics)
    decision = decide_by_fold(
        evidence,
        lambda fold: read_model(args.model, fold),
        statistics,
        parse_settings(DecisionSettings, args.settings),
        split=args.shard.split("-")[0],
        folds=args.folds,
    )
    tables.write(decision.parses, args.parses_out, tables.PARSES)
    tables.write(decision.actions, args.actions_out, tables.ACTIONS)
    tables.write(decision.probabilities, args.probabilities_out, tables.ACTIONS)
    with atomic_path(args.expected_out) as path:
        decision.expected.to_csv(path, index=False)


def read_model(folder: Path, fold: str) -> DecisionModel:
    """The decision that was fitted without a fold, or on all of val."""
    path = folder / f"{fold}.npz"
    if not path.is_file():
        raise InputError(
            f"{path}: all val videos are in fold {fold}, so that none is left to fit the decision "
            "on: raise dataset.val_share"
        )
    return read_arrays(DecisionModel, path)


if __name__ == "__main__":
    run(main)
