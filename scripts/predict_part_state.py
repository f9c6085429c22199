"""Predict the states of the detected parts of a shard with the part-state net."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, device, parse_settings, run
from partparse.vocabulary import Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="model folder")
    parser.add_argument("--persons", type=Path, required=True)
    parser.add_argument("--parts", type=Path, required=True)
    parser.add_argument("--actions", type=Path, required=True)
    parser.add_argument("--frames", type=Path, required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames")
    parser.add_argument("--settings", required=True, help="PartStatePredictSettings as JSON")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.states.part_state.prediction import predict_part_state
    from partparse.states.part_state.settings import PartStatePredictSettings

    predict_part_state(
        args.model,
        tables.read(args.persons, tables.PERSONS),
        tables.read(args.parts, tables.PARTS_TABLE),
        tables.read(args.actions, tables.ACTIONS),
        tables.read(args.frames, tables.FRAMES),
        vocabulary=Vocabulary.read(args.vocabulary),
        settings=parse_settings(PartStatePredictSettings, args.settings),
        cache=args.cache,
        version=args.version,
        device=device(args.gpus),
        out=args.out,
    )


if __name__ == "__main__":
    run(main)
