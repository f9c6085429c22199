"""Train the pose net on the keypoints of a data set, or take weights that are given."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.dataset.keypoints import read_keypoints
from partparse.running.program import claim, device, limit_threads, parse_settings, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the data set, with keypoints/")
    parser.add_argument(
        "--videos", type=Path, nargs="+", required=True, help="tables: the videos to use"
    )
    parser.add_argument("--annotations", type=Path, nargs="+", required=True, help="tables")
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="tables")
    parser.add_argument("--cache", type=Path, required=True, help="folder of extracted frames")
    parser.add_argument("--settings", required=True, help="JSON: pose.train of the config")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--gpus", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    arguments = parser.parse_args()
    claim(arguments.threads, arguments.gpus)

    from partparse.detection.pose.prediction import person_rows
    from partparse.detection.pose.settings import PoseSettings
    from partparse.detection.pose.training import select_samples, train_pose

    limit_threads(arguments.threads)  # torch and OpenCV are loaded now
    settings = parse_settings(PoseSettings, arguments.settings)
    videos = tables.read_all(arguments.videos, tables.VIDEOS)["video"]
    annotations = tables.read_all(arguments.annotations, tables.ANNOTATIONS)
    annotations = annotations[annotations["video"].isin(videos)]
    samples = select_samples(
        read_keypoints(arguments.root, annotations),
        person_rows(annotations),
        tables.read_all(arguments.frames, tables.FRAMES),
        settings.frame_stride,
    )
    train_pose(
        settings,
        samples,
        arguments.cache,
        device(arguments.gpus),
        arguments.out,
        version=arguments.version,
    )


if __name__ == "__main__":
    run(main)
