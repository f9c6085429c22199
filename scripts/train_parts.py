"""Train a part detector on crops of the annotated persons; with keypoints, these are drawn."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, device, parse_settings, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotations", type=Path, nargs="+", required=True)
    parser.add_argument("--frames", type=Path, nargs="+", required=True)
    parser.add_argument("--keypoints", type=Path, nargs="+", help="of the annotated persons")
    parser.add_argument("--init", type=Path, help="folder of a detector to start from")
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames")
    parser.add_argument("--settings", required=True, help="PartTrainSettings as JSON")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.detection.parts import train_parts
    from partparse.detection.settings import PartTrainSettings

    keypoints = args.keypoints and tables.read_all(args.keypoints, tables.KEYPOINT_TABLE)
    train_parts(
        tables.read_all(args.annotations, tables.ANNOTATIONS),
        tables.read_all(args.frames, tables.FRAMES),
        keypoints,
        cache=args.cache,
        settings=parse_settings(PartTrainSettings, args.settings),
        version=args.version,
        device=device(args.gpus),
        out=args.out,
        init=args.init,
    )


if __name__ == "__main__":
    run(main)
