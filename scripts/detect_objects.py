from pathlib import Path

from partparse.detection.settings import ObjectPredictSettings
from partparse.running.arguments import Frames, Job
from partparse.running.command_line import program


@program
def detect_objects(
    *,
    model: Path,
    frames: Frames,
    stride: int,
    settings: ObjectPredictSettings,
    job: Job,
    out: Path,
) -> None:
    """Detect objects on the scored frames of a shard."""
    from partparse.detection.frame_detection import scored_frames
    from partparse.detection.objects import load_object_detector
    from partparse.running.prediction import predict

    detector = load_object_detector(model, settings, frames, job)
    rows = {"scored": scored_frames(frames.table, stride), "frames": frames.table}
    predict(detector, rows, [out], job)
