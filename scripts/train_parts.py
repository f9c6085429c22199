from pathlib import Path

from partparse import tables
from partparse.detection.settings import PartTrainSettings
from partparse.running.command_line import program
from partparse.running.program import Job


@program
def train_parts(
    *,
    annotations: list[Path],
    frames: list[Path],
    keypoints: list[Path] | None = None,
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
        tables.read_all(annotations, tables.ANNOTATIONS),
        tables.read_all(frames, tables.FRAMES),
        keypoints and tables.read_all(keypoints, tables.KEYPOINT_TABLE),
        cache=frames[0].parent,
        settings=settings,
        version=job.version,
        device=job.device,
        out=out,
        init=init,
    )
