from pathlib import Path

from partparse.detection.settings import FrameTrainSettings
from partparse.running.arguments import Annotations, Frames, Job
from partparse.running.command_line import program


@program
def train_single(
    *,
    annotations: Annotations,
    frames: Frames,
    init: Path | None = None,
    settings: FrameTrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train a detector of persons and parts in whole frames."""
    from partparse.detection import single

    single.train_single(annotations, frames, settings=settings, job=job, out=out, init=init)
