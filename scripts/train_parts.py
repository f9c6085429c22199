from pathlib import Path

from partparse.detection.settings import PartTrainSettings
from partparse.running.arguments import Annotations, Frames, Job, Keypoints
from partparse.running.command_line import program


@program
def train_parts(
    *,
    annotations: Annotations,
    frames: Frames,
    keypoints: Keypoints | None = None,
    init: Path | None = None,
    settings: PartTrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train a part detector on crops of the annotated persons.

    Args:
        keypoints: Of the annotated persons, to be drawn; none: a detector without dots.
    """
    from partparse.detection import parts

    parts.train_parts(
        annotations, frames, keypoints, settings=settings, job=job, out=out, init=init
    )
