from pathlib import Path

from partparse import tables
from partparse.detection.settings import PersonTrainSettings
from partparse.running.command_line import run
from partparse.running.program import Job


def train_persons(
    *,
    annotations: list[Path],
    frames: list[Path],
    settings: PersonTrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train the person detector on annotated frames of the training videos."""
    from partparse.detection import persons

    persons.train_persons(
        tables.read_all(annotations, tables.ANNOTATIONS),
        tables.read_all(frames, tables.FRAMES),
        cache=frames[0].parent,
        settings=settings,
        version=job.version,
        device=job.device,
        out=out,
    )


if __name__ == "__main__":
    run(train_persons)
