"""Detect objects on the scored frames of a shard."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, device, parse_settings, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder of the detector")
    parser.add_argument("--frames", type=Path, required=True, help="frames table")
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames")
    parser.add_argument("--stride", type=int, required=True, help="every how many frames is scored")
    parser.add_argument("--settings", required=True, help="ObjectPredictSettings as JSON")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="objects table to write")
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.detection.objects import detect_objects
    from partparse.detection.settings import ObjectPredictSettings

    detect_objects(
        args.model,
        tables.read(args.frames, tables.FRAMES),
        cache=args.cache,
        stride=args.stride,
        settings=parse_settings(ObjectPredictSettings, args.settings),
        version=args.version,
        device=device(args.gpus),
        out=args.out,
    )


if __name__ == "__main__":
    run(main)
