from pathlib import Path

from partparse.running.arguments import Annotations, Frames, Job, Names, Videos
from partparse.running.command_line import program
from partparse.states.part_state.settings import PartStateTrainSettings


@program
def train_part_state(
    *,
    videos: Videos,
    annotations: Annotations,
    frames: Frames,
    vocabulary: Names,
    settings: PartStateTrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train the part-state net on the annotated persons of the training videos."""
    from partparse.states.part_state import training

    training.train_part_state(videos, annotations, frames, vocabulary, settings, out=out, job=job)
