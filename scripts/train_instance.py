from pathlib import Path

from partparse.running.arguments import Annotations, Frames, Job, Keypoints, Names, Persons
from partparse.running.command_line import program
from partparse.running.program import limit_threads
from partparse.states.instance.settings import InstanceTrainSettings


@program
def train_instance(
    *,
    annotations: Annotations,
    frames: Frames,
    vocabulary: Names,
    init: Path | None = None,
    tracked: Persons | None = None,
    keypoints: Keypoints | None = None,
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
    if tracked is not None and keypoints is not None:
        tracks = Tracks(tracked, keypoints, keypoints)
    training.train_instance(
        annotations,
        frames,
        vocabulary,
        settings,
        tracks,
        out=out,
        job=job,
        stage=stage,
        initial=init,
    )
