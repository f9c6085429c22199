from pathlib import Path

from partparse.detection.settings import PersonPredictSettings
from partparse.running.arguments import Frames, Job
from partparse.running.command_line import program


@program
def detect_persons(
    *,
    model: Path,
    frames: Frames,
    stride: int,
    settings: PersonPredictSettings,
    job: Job,
    out: Path,
    mirrored: bool = False,
) -> None:
    """Detect persons on the scored frames of a shard.

    Args:
        mirrored: Look at the frames in a mirror.
    """
    from partparse.detection.frame_detection import scored_frames
    from partparse.detection.persons import load_person_detector
    from partparse.running.prediction import predict

    detector = load_person_detector(model, settings, frames, job, mirrored=mirrored)
    rows = {"scored": scored_frames(frames.table, stride), "frames": frames.table}
    predict(detector, rows, [out], job)
