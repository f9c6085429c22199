"""Predict the keypoints of the persons of a shard."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import claim, device, limit_threads, parse_settings, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder of the model")
    parser.add_argument("--persons", type=Path, required=True, help="table")
    parser.add_argument(
        "--annotated", action="store_true", help="--persons is a table of annotations"
    )
    parser.add_argument("--frames", type=Path, required=True, help="table")
    parser.add_argument("--cache", type=Path, required=True, help="folder of extracted frames")
    parser.add_argument("--stride", type=int, required=True, help="frames 1, 1 + stride, …")
    parser.add_argument("--settings", required=True, help="JSON: pose.predict of the config")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--gpus", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="table to write")
    arguments = parser.parse_args()
    claim(arguments.threads, arguments.gpus)

    from partparse.detection.pose.prediction import person_rows, predict_shard, select_persons
    from partparse.detection.pose.settings import PosePredictionSettings

    limit_threads(arguments.threads)  # torch and OpenCV are loaded now
    if arguments.annotated:
        persons = person_rows(tables.read(arguments.persons, tables.ANNOTATIONS))
    else:
        persons = tables.read(arguments.persons, tables.PERSONS)
    frames = tables.read(arguments.frames, tables.FRAMES)
    predict_shard(
        arguments.model,
        select_persons(persons, frames, arguments.stride),
        frames,
        arguments.cache,
        arguments.out,
        settings=parse_settings(PosePredictionSettings, arguments.settings),
        version=arguments.version,
        device=device(arguments.gpus),
    )


if __name__ == "__main__":
    run(main)
