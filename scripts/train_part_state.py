"""Train the part-state net on the annotated persons of the training videos."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, parse_settings, run
from partparse.vocabulary import Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=Path, nargs="+", required=True)
    parser.add_argument("--annotations", type=Path, nargs="+", required=True)
    parser.add_argument("--frames", type=Path, nargs="+", required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames")
    parser.add_argument("--settings", required=True, help="PartStateTrainSettings as JSON")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="model folder")
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.states.part_state.settings import PartStateTrainSettings
    from partparse.states.part_state.training import train_part_state

    train_part_state(
        tables.read_all(args.videos, tables.VIDEOS),
        tables.read_all(args.annotations, tables.ANNOTATIONS),
        tables.read_all(args.frames, tables.FRAMES),
        Vocabulary.read(args.vocabulary),
        parse_settings(PartStateTrainSettings, args.settings),
        cache=args.cache,
        out=args.out,
        gpus=args.gpus,
        version=args.version,
    )


if __name__ == "__main__":
    run(main)
