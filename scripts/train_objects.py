from pathlib import Path

from partparse.detection.settings import ObjectTrainSettings
from partparse.running.arguments import Annotations, Frames, Job, Objects
from partparse.running.command_line import program


@program
def train_objects(
    *,
    annotations: Annotations,
    objects: Objects,
    frames: Frames,
    init: Path | None = None,
    settings: ObjectTrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train the object detector on the annotated objects of the training videos."""
    from partparse.detection import objects as detector

    detector.train_objects(
        annotations, objects, frames, settings=settings, job=job, out=out, init=init
    )
