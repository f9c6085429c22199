from pathlib import Path

from partparse import tables
from partparse.running.command_line import run
from partparse.running.program import Job
from partparse.states.baseline.settings import BaselinePredictSettings
from partparse.vocabulary import Vocabulary


def predict_baseline(
    *,
    model: Path,
    persons: Path,
    parts: Path,
    objects: Path,
    frames: Path,
    vocabulary: Path,
    stride: int,
    settings: BaselinePredictSettings,
    job: Job,
    states_out: Path,
    actions_out: Path,
) -> None:
    """Predict the states and the actions of a shard with the official baseline."""
    from partparse.states.baseline import prediction

    prediction.predict_baseline(
        model,
        tables.read(frames, tables.FRAMES),
        tables.read(persons, tables.PERSONS),
        tables.read(parts, tables.PARTS_TABLE),
        objects=tables.read(objects, tables.DETECTED_OBJECTS),
        vocabulary=Vocabulary.read(vocabulary),
        settings=settings,
        cache=frames.parent,
        stride=stride,
        version=job.version,
        device=job.device,
        states_out=states_out,
        actions_out=actions_out,
    )


if __name__ == "__main__":
    run(predict_baseline)
