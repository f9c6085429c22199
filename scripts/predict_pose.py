from pathlib import Path

from partparse import tables
from partparse.detection.pose.settings import PosePredictionSettings
from partparse.running.arguments import Frames, Job
from partparse.running.command_line import program
from partparse.running.program import limit_threads
from partparse.vocabulary import PERSON


@program
def predict_pose(
    *,
    model: Path,
    persons: Path,
    annotated: bool = False,
    frames: Frames,
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
    from partparse.detection.pose.prediction import load_pose_estimator, select_persons
    from partparse.running.prediction import predict

    limit_threads(job.threads)  # OpenCV is loaded now
    who = tables.read(persons, tables.ANNOTATIONS if annotated else tables.PERSONS)
    if annotated:
        who = who[who["part"] == PERSON]
    estimator = load_pose_estimator(model, settings, frames, job)
    rows = {"persons": select_persons(who, frames.table, stride), "frames": frames.table}
    predict(estimator, rows, [out], job)
