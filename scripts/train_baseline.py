"""Train the official baseline on annotated persons, parts and objects, and on actions."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, parse_settings, run
from partparse.vocabulary import Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=Path, nargs="+", required=True)
    parser.add_argument("--annotations", type=Path, nargs="+", required=True)
    parser.add_argument("--objects", type=Path, nargs="+", required=True)
    parser.add_argument("--frames", type=Path, nargs="+", required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--tsn", type=Path, required=True, help="model folder of a trained TSN")
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames")
    parser.add_argument("--settings", required=True, help="BaselineTrainSettings as JSON")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.states.baseline.settings import BaselineTrainSettings
    from partparse.states.baseline.training import train_baseline

    train_baseline(
        tables.read_all(args.videos, tables.VIDEOS),
        tables.read_all(args.annotations, tables.ANNOTATIONS),
        tables.read_all(args.objects, tables.OBJECTS),
        tables.read_all(args.frames, tables.FRAMES),
        Vocabulary.read(args.vocabulary),
        tsn=args.tsn,
        settings=parse_settings(BaselineTrainSettings, args.settings),
        cache=args.cache,
        out=args.out,
        gpus=args.gpus,
        version=args.version,
    )


if __name__ == "__main__":
    run(main)
