from pathlib import Path

from partparse.detection.settings import PersonTrainSettings
from partparse.running.arguments import Annotations, Frames, Job
from partparse.running.command_line import program


@program
def train_persons(
    *, annotations: Annotations, frames: Frames, settings: PersonTrainSettings, job: Job, out: Path
) -> None:
    """Train the person detector on annotated frames of the training videos."""
    from partparse.detection import persons

    persons.train_persons(annotations, frames, settings=settings, job=job, out=out)
