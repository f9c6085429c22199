from pathlib import Path

from partparse import tables
from partparse.detection.settings import ObjectTrainSettings
from partparse.running.command_line import program
from partparse.running.program import Job


@program
def train_objects(
    *,
    annotations: list[Path],
    objects: list[Path],
    frames: list[Path],
    init: Path | None = None,
    settings: ObjectTrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train the object detector on the annotated objects of the training videos."""
    from partparse.detection import objects as detector

    detector.train_objects(
        tables.read_all(annotations, tables.ANNOTATIONS),
        tables.read_all(objects, tables.OBJECTS),
        tables.read_all(frames, tables.FRAMES),
        cache=frames[0].parent,
        settings=settings,
        version=job.version,
        device=job.device,
        out=out,
        init=init,
    )
