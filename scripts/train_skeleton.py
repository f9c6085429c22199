"""Train the network that reads states and actions from keypoint sequences."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, parse_settings, run
from partparse.vocabulary import Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=Path, nargs="+", required=True, help="tables")
    parser.add_argument("--annotations", type=Path, nargs="+", required=True, help="tables")
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="tables")
    parser.add_argument("--tracked", type=Path, nargs="+", required=True, help="persons tables")
    parser.add_argument("--keypoints", type=Path, nargs="+", required=True, help="of --tracked")
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--settings", required=True, help="SkeletonTrainSettings as JSON")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="model folder")
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.states.skeleton.settings import SkeletonTrainSettings
    from partparse.states.skeleton.training import train_skeleton

    train_skeleton(
        {
            "videos": tables.read_all(args.videos, tables.VIDEOS),
            "annotations": tables.read_all(args.annotations, tables.ANNOTATIONS),
            "frames": tables.read_all(args.frames, tables.FRAMES),
            "tracked": tables.read_all(args.tracked, tables.PERSONS),
            "keypoints": tables.read_all(args.keypoints, tables.KEYPOINT_TABLE),
        },
        Vocabulary.read(args.vocabulary),
        parse_settings(SkeletonTrainSettings, args.settings),
        out=args.out,
        gpus=args.gpus,
        version=args.version,
    )


if __name__ == "__main__":
    run(main)
