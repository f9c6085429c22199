from pathlib import Path

from partparse import tables
from partparse.running.command_line import program
from partparse.running.program import Job
from partparse.states.part_state.settings import PartStateTrainSettings
from partparse.vocabulary import Vocabulary


@program
def train_part_state(
    *,
    videos: list[Path],
    annotations: list[Path],
    frames: list[Path],
    vocabulary: Path,
    settings: PartStateTrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train the part-state net on the annotated persons of the training videos."""
    from partparse.states.part_state import training

    training.train_part_state(
        tables.read_all(videos, tables.VIDEOS),
        tables.read_all(annotations, tables.ANNOTATIONS),
        tables.read_all(frames, tables.FRAMES),
        Vocabulary.read(vocabulary),
        settings,
        cache=frames[0].parent,
        out=out,
        job=job,
    )
