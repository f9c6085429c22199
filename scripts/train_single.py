"""Train a detector of persons and parts in whole frames."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, device, parse_settings, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotations", type=Path, nargs="+", required=True)
    parser.add_argument("--frames", type=Path, nargs="+", required=True)
    parser.add_argument("--init", type=Path, help="folder of a detector to start from")
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames")
    parser.add_argument("--settings", required=True, help="FrameTrainSettings as JSON")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.detection.settings import FrameTrainSettings
    from partparse.detection.single import train_single

    train_single(
        tables.read_all(args.annotations, tables.ANNOTATIONS),
        tables.read_all(args.frames, tables.FRAMES),
        cache=args.cache,
        settings=parse_settings(FrameTrainSettings, args.settings),
        version=args.version,
        device=device(args.gpus),
        out=args.out,
        init=args.init,
    )


if __name__ == "__main__":
    run(main)
