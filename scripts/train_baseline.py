from pathlib import Path

from partparse.running.arguments import Annotations, Frames, Job, Names, Objects, Videos
from partparse.running.command_line import program
from partparse.states.baseline.settings import BaselineTrainSettings


@program
def train_baseline(
    *,
    videos: Videos,
    annotations: Annotations,
    objects: Objects,
    frames: Frames,
    vocabulary: Names,
    tsn: Path,
    settings: BaselineTrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train the official baseline on annotated persons, parts and objects, and on actions.

    Args:
        tsn: Model folder of a trained TSN.
    """
    from partparse.states.baseline import training

    training.train_baseline(
        videos,
        annotations,
        objects,
        frames,
        vocabulary,
        tsn=tsn,
        settings=settings,
        out=out,
        job=job,
    )
