from pathlib import Path

from partparse.detection.settings import PartPredictSettings
from partparse.running.arguments import Frames, Job, Keypoints, Persons
from partparse.running.command_line import program


@program
def detect_parts(
    *,
    model: Path,
    persons: Persons,
    keypoints: Keypoints | None = None,
    frames: Frames,
    settings: PartPredictSettings,
    job: Job,
    out: Path,
    mirrored: bool = False,
) -> None:
    """Detect the parts of the detected persons of a shard.

    Args:
        keypoints: Their keypoints, for a detector with dots.
        mirrored: Look at the persons in a mirror.
    """
    from partparse.detection.parts import load_part_detector
    from partparse.running.prediction import predict

    rows = {"persons": persons, "frames": frames.table}
    if keypoints is not None:
        rows["keypoints"] = keypoints
    dots = keypoints is not None
    detector = load_part_detector(model, settings, frames, job, dots=dots, mirrored=mirrored)
    predict(detector, rows, [out], job)
