from pathlib import Path

from partparse import tables
from partparse.detection.settings import FrameTrainSettings
from partparse.running.command_line import program
from partparse.running.program import Job
from partparse.vocabulary import Vocabulary


@program
def train_onestage(
    *,
    annotations: list[Path],
    frames: list[Path],
    vocabulary: Path,
    init: Path | None = None,
    settings: FrameTrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train a detector of persons and of (part, state) pairs in whole frames."""
    from partparse.states.onestage import training

    training.train_onestage(
        tables.read_all(annotations, tables.ANNOTATIONS),
        tables.read_all(frames, tables.FRAMES),
        Vocabulary.read(vocabulary),
        cache=frames[0].parent,
        settings=settings,
        version=job.version,
        device=job.device,
        out=out,
        init=init,
    )
