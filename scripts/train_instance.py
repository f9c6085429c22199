"""Train an instance-level method: annotated persons in clips to a model folder."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, limit_threads, parse_settings, run
from partparse.vocabulary import Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotations", type=Path, nargs="+", required=True)
    parser.add_argument("--frames", type=Path, nargs="+", required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames")
    parser.add_argument("--init", type=Path, help="model folder whose backbone it starts from")
    parser.add_argument("--settings", required=True, help="InstanceTrainSettings as JSON")
    parser.add_argument("--stage", required=True, help="name in the model card")
    parser.add_argument("--tracked", type=Path, nargs="+", help="persons over time, with tracks")
    parser.add_argument("--keypoints", type=Path, nargs="+", help="theirs")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="model folder")
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.states.instance.keypoints import Tracks
    from partparse.states.instance.settings import InstanceTrainSettings
    from partparse.states.instance.training import train_instance

    limit_threads(args.threads)  # torch and OpenCV are loaded now
    tracks = None
    if args.tracked:
        keypoints = tables.read_all(args.keypoints, tables.KEYPOINT_TABLE)
        tracks = Tracks(tables.read_all(args.tracked, tables.PERSONS), keypoints, keypoints)
    train_instance(
        tables.read_all(args.annotations, tables.ANNOTATIONS),
        tables.read_all(args.frames, tables.FRAMES),
        Vocabulary.read(args.vocabulary),
        parse_settings(InstanceTrainSettings, args.settings),
        cache=args.cache,
        out=args.out,
        gpus=args.gpus,
        stage=args.stage,
        version=args.version,
        initial=args.init,
        tracks=tracks,
    )


if __name__ == "__main__":
    run(main)
