"""Detect the parts of the detected persons of a shard, in the whole frames."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, device, parse_settings, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder of the detector")
    parser.add_argument("--persons", type=Path, required=True, help="persons table")
    parser.add_argument("--frames", type=Path, required=True, help="frames table")
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames")
    parser.add_argument("--settings", required=True, help="FramePartSettings as JSON")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="parts table to write")
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.detection.settings import FramePartSettings
    from partparse.detection.single import detect_single

    detect_single(
        args.model,
        tables.read(args.persons, tables.PERSONS),
        tables.read(args.frames, tables.FRAMES),
        cache=args.cache,
        settings=parse_settings(FramePartSettings, args.settings),
        version=args.version,
        device=device(args.gpus),
        out=args.out,
    )


if __name__ == "__main__":
    run(main)
