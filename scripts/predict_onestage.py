"""Detect the persons of a shard, their parts and the states of these, all in one step."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, device, parse_settings, run
from partparse.vocabulary import Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder of the detector")
    parser.add_argument("--frames", type=Path, required=True, help="frames table")
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames")
    parser.add_argument("--stride", type=int, required=True, help="every how many frames is scored")
    parser.add_argument("--settings", required=True, help="OneStagePredictSettings as JSON")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--persons-out", type=Path, required=True, help="persons table to write")
    parser.add_argument("--parts-out", type=Path, required=True, help="parts table to write")
    parser.add_argument("--states-out", type=Path, required=True, help="states table to write")
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.states.onestage.prediction import predict_onestage
    from partparse.states.onestage.settings import OneStagePredictSettings

    predict_onestage(
        args.model,
        tables.read(args.frames, tables.FRAMES),
        Vocabulary.read(args.vocabulary),
        cache=args.cache,
        stride=args.stride,
        settings=parse_settings(OneStagePredictSettings, args.settings),
        version=args.version,
        device=device(args.gpus),
        persons_out=args.persons_out,
        parts_out=args.parts_out,
        states_out=args.states_out,
    )


if __name__ == "__main__":
    run(main)
