from pathlib import Path

from partparse.detection.settings import FrameTrainSettings
from partparse.running.arguments import Annotations, Frames, Job, Names
from partparse.running.command_line import program


@program
def train_onestage(
    *,
    annotations: Annotations,
    frames: Frames,
    vocabulary: Names,
    init: Path | None = None,
    settings: FrameTrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train a detector of persons and of (part, state) pairs in whole frames."""
    from partparse.states.onestage import training

    training.train_onestage(annotations, frames, vocabulary, settings, job=job, out=out, init=init)
