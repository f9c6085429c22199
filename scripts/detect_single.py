from pathlib import Path

from partparse.detection.settings import FramePartSettings
from partparse.running.arguments import Frames, Job, Persons
from partparse.running.command_line import program


@program
def detect_single(
    *,
    model: Path,
    persons: Persons,
    frames: Frames,
    settings: FramePartSettings,
    job: Job,
    out: Path,
) -> None:
    """Detect the parts of the detected persons of a shard, in the whole frames."""
    from partparse.detection.single import load_single_detector
    from partparse.running.prediction import predict

    detector = load_single_detector(model, settings, frames, job)
    predict(detector, {"persons": persons, "frames": frames.table}, [out], job)
