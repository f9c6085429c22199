"""Predict part states with an instance-level method, from detected persons and parts."""

import argparse
from functools import partial
from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.running.per_video import write_tables_by_video
from partparse.running.program import claim, device, limit_threads, parse_settings, run
from partparse.running.resuming import cache_key
from partparse.vocabulary import Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="model folder")
    parser.add_argument("--persons", type=Path, required=True)
    parser.add_argument("--parts", type=Path, required=True)
    parser.add_argument("--frames", type=Path, required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder of frames")
    parser.add_argument("--settings", required=True, help="InstancePredictSettings as JSON")
    parser.add_argument("--tracked", type=Path, help="persons over time, with tracks")
    parser.add_argument("--keypoints", type=Path, help="theirs")
    parser.add_argument("--own", type=Path, help="keypoints of the persons themselves")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    claim(args.threads, args.gpus)
    from partparse.files.weights import WEIGHTS, digest
    from partparse.recognition.clips import list_videos
    from partparse.states.instance.keypoints import Tracks
    from partparse.states.instance.prediction import judge_video, load_instance, person_rows
    from partparse.states.instance.settings import InstancePredictSettings

    limit_threads(args.threads)  # torch and OpenCV are loaded now
    vocabulary = Vocabulary.read(args.vocabulary)
    settings = parse_settings(InstancePredictSettings, args.settings)
    frames = tables.read(args.frames, tables.FRAMES)
    videos = {video.name: video for video in list_videos(frames)}
    where = device(args.gpus)
    tracks = None
    if args.tracked:
        keypoints, own = (
            tables.read(path, tables.KEYPOINT_TABLE) for path in (args.keypoints, args.own)
        )
        tracks = Tracks(tables.read(args.tracked, tables.PERSONS), keypoints, own)
    judge = partial(
        judge_video,
        load_instance(args.model, vocabulary, where),
        vocabulary=vocabulary,
        cache=args.cache,
        settings=settings,
        device=where,
        tracks=tracks,
    )

    def judge_rows(rows: pd.DataFrame) -> list[pd.DataFrame]:
        return [judge(rows, videos[rows["video"].iloc[0]])]

    write_tables_by_video(
        person_rows(
            tables.read(args.persons, tables.PERSONS), tables.read(args.parts, tables.PARTS_TABLE)
        ),
        judge_rows,
        [(args.out, tables.STATES)],
        [tables.empty(tables.STATES, vocabulary.states)],
        frames=frames,
        made_by={
            "version": args.version,
            "model": digest(args.model / WEIGHTS),
            "settings": settings,
            "tracks": None if tracks is None else cache_key(tracks._asdict()),
        },
        what="videos with judged persons",
    )


if __name__ == "__main__":
    run(main)
