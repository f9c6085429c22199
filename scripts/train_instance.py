from pathlib import Path

from partparse import tables
from partparse.running.command_line import program
from partparse.running.program import Job, limit_threads
from partparse.states.instance.settings import InstanceTrainSettings
from partparse.vocabulary import Vocabulary


@program
def train_instance(
    *,
    annotations: list[Path],
    frames: list[Path],
    vocabulary: Path,
    init: Path | None = None,
    tracked: list[Path] | None = None,
    keypoints: list[Path] | None = None,
    settings: InstanceTrainSettings,
    stage: str,
    job: Job,
    out: Path,
) -> None:
    """Train an instance-level method: annotated persons in clips to a model folder.

    Args:
        stage: Name in the model card.
    """
    from partparse.states.instance import training
    from partparse.states.instance.keypoints import Tracks

    limit_threads(job.threads)  # torch and OpenCV are loaded now
    tracks = None
    if tracked and keypoints:
        points = tables.read_all(keypoints, tables.KEYPOINT_TABLE)
        tracks = Tracks(tables.read_all(tracked, tables.PERSONS), points, points)
    training.train_instance(
        tables.read_all(annotations, tables.ANNOTATIONS),
        tables.read_all(frames, tables.FRAMES),
        Vocabulary.read(vocabulary),
        settings,
        cache=frames[0].parent,
        out=out,
        job=job,
        stage=stage,
        initial=init,
        tracks=tracks,
    )
