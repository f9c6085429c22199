"""Predict the states and the actions of a shard with the official baseline."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, device, parse_settings, run
from partparse.vocabulary import Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="model folder")
    parser.add_argument("--frames", type=Path, required=True, help="frames table")
    parser.add_argument("--persons", type=Path, required=True, help="persons table")
    parser.add_argument("--parts", type=Path, required=True, help="parts table")
    parser.add_argument("--objects", type=Path, required=True, help="table of detected objects")
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames")
    parser.add_argument("--stride", type=int, required=True, help="every how many frames is scored")
    parser.add_argument("--settings", required=True, help="BaselinePredictSettings as JSON")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--states-out", type=Path, required=True, help="states table to write")
    parser.add_argument("--actions-out", type=Path, required=True, help="actions table to write")
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.states.baseline.prediction import predict_baseline
    from partparse.states.baseline.settings import BaselinePredictSettings

    predict_baseline(
        args.model,
        tables.read(args.frames, tables.FRAMES),
        tables.read(args.persons, tables.PERSONS),
        tables.read(args.parts, tables.PARTS_TABLE),
        objects=tables.read(args.objects, tables.DETECTED_OBJECTS),
        vocabulary=Vocabulary.read(args.vocabulary),
        settings=parse_settings(BaselinePredictSettings, args.settings),
        cache=args.cache,
        stride=args.stride,
        version=args.version,
        device=device(args.gpus),
        states_out=args.states_out,
        actions_out=args.actions_out,
    )


if __name__ == "__main__":
    run(main)
