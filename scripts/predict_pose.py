from pathlib import Path

from partparse import tables
from partparse.detection.pose.settings import PosePredictionSettings
from partparse.running.command_line import run
from partparse.running.program import Job, limit_threads


def predict_pose(
    *,
    model: Path,
    persons: Path,
    annotated: bool = False,
    frames: Path,
    stride: int,
    settings: PosePredictionSettings,
    job: Job,
    out: Path,
) -> None:
    """Predict the keypoints of the persons of a shard.

    Args:
        annotated: It is a table of annotations.
        stride: Those of frames 1, 1 + stride, … are predicted.
    """
    from partparse.detection.pose.prediction import own_rows, predict_shard, select_persons

    limit_threads(job.threads)  # OpenCV is loaded now
    if annotated:
        who = own_rows(tables.read(persons, tables.ANNOTATIONS))
    else:
        who = tables.read(persons, tables.PERSONS)
    pictures = tables.read(frames, tables.FRAMES)
    predict_shard(
        model,
        select_persons(who, pictures, stride),
        pictures,
        frames.parent,
        out,
        settings=settings,
        version=job.version,
        device=job.device,
    )


if __name__ == "__main__":
    run(predict_pose)
