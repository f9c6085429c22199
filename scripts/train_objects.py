"""Train the object detector: frames and annotated objects of the training videos to a model."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, device, parse_settings, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotations", type=Path, nargs="+", required=True)
    parser.add_argument("--objects", type=Path, nargs="+", required=True)
    parser.add_argument("--frames", type=Path, nargs="+", required=True)
    parser.add_argument("--init", type=Path, help="folder of a detector to start from")
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames")
    parser.add_argument("--settings", required=True, help="ObjectTrainSettings as JSON")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.detection.objects import train_objects
    from partparse.detection.settings import ObjectTrainSettings

    train_objects(
        tables.read_all(args.annotations, tables.ANNOTATIONS),
        tables.read_all(args.objects, tables.OBJECTS),
        tables.read_all(args.frames, tables.FRAMES),
        cache=args.cache,
        settings=parse_settings(ObjectTrainSettings, args.settings),
        version=args.version,
        device=device(args.gpus),
        out=args.out,
        init=args.init,
    )


if __name__ == "__main__":
    run(main)
