from pathlib import Path

from partparse import tables
from partparse.detection.settings import FrameTrainSettings
from partparse.running.command_line import program
from partparse.running.program import Job


@program
def train_single(
    *,
    annotations: list[Path],
    frames: list[Path],
    init: Path | None = None,
    settings: FrameTrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train a detector of persons and parts in whole frames."""
    from partparse.detection import single

    single.train_single(
        tables.read_all(annotations, tables.ANNOTATIONS),
        tables.read_all(frames, tables.FRAMES),
        cache=frames[0].parent,
        settings=settings,
        version=job.version,
        device=job.device,
        out=out,
        init=init,
    )
