from pathlib import Path

from partparse import tables
from partparse.running.command_line import program
from partparse.running.program import Job
from partparse.states.baseline.settings import BaselineTrainSettings
from partparse.vocabulary import Vocabulary


@program
def train_baseline(
    *,
    videos: list[Path],
    annotations: list[Path],
    objects: list[Path],
    frames: list[Path],
    vocabulary: Path,
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
        tables.read_all(videos, tables.VIDEOS),
        tables.read_all(annotations, tables.ANNOTATIONS),
        tables.read_all(objects, tables.OBJECTS),
        tables.read_all(frames, tables.FRAMES),
        Vocabulary.read(vocabulary),
        tsn=tsn,
        settings=settings,
        cache=frames[0].parent,
        out=out,
        job=job,
    )
