from functools import partial
from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.running.command_line import run
from partparse.running.per_video import write_tables_by_video
from partparse.running.program import Job, limit_threads
from partparse.running.resuming import cache_key
from partparse.states.instance.settings import InstancePredictSettings
from partparse.vocabulary import Vocabulary


def predict_instance(
    *,
    model: Path,
    persons: Path,
    parts: Path,
    frames: Path,
    vocabulary: Path,
    tracked: Path | None = None,
    keypoints: Path | None = None,
    own: Path | None = None,
    settings: InstancePredictSettings,
    job: Job,
    out: Path,
) -> None:
    """Predict part states with an instance-level method, from detected persons and parts.

    Args:
        own: Keypoints of the persons themselves.
    """
    from partparse.files.weights import WEIGHTS, digest
    from partparse.recognition.clips import list_videos
    from partparse.states.instance.keypoints import Tracks
    from partparse.states.instance.prediction import judge_video, load_instance, person_rows

    limit_threads(job.threads)  # torch and OpenCV are loaded now
    names = Vocabulary.read(vocabulary)
    pictures = tables.read(frames, tables.FRAMES)
    videos = {video.name: video for video in list_videos(pictures)}
    tracks = None
    if tracked and keypoints and own:
        points = (tables.read(path, tables.KEYPOINT_TABLE) for path in (keypoints, own))
        tracks = Tracks(tables.read(tracked, tables.PERSONS), *points)
    judge = partial(
        judge_video,
        load_instance(model, names, job.device),
        vocabulary=names,
        cache=frames.parent,
        settings=settings,
        device=job.device,
        tracks=tracks,
    )

    def judge_rows(rows: pd.DataFrame) -> list[pd.DataFrame]:
        return [judge(rows, videos[rows["video"].iloc[0]])]

    write_tables_by_video(
        person_rows(tables.read(persons, tables.PERSONS), tables.read(parts, tables.PARTS_TABLE)),
        judge_rows,
        [(out, tables.STATES)],
        [tables.empty(tables.STATES, names.states)],
        frames=pictures,
        made_by={
            "version": job.version,
            "model": digest(model / WEIGHTS),
            "settings": settings,
            "tracks": None if tracks is None else cache_key(tracks._asdict()),
        },
        what="videos with judged persons",
    )


if __name__ == "__main__":
    run(predict_instance)
