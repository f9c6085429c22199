from pathlib import Path

from partparse import tables
from partparse.running.command_line import run
from partparse.running.program import Job
from partparse.states.part_state.settings import PartStatePredictSettings
from partparse.vocabulary import Vocabulary


def predict_part_state(
    *,
    model: Path,
    persons: Path,
    parts: Path,
    actions: Path,
    frames: Path,
    vocabulary: Path,
    settings: PartStatePredictSettings,
    job: Job,
    out: Path,
) -> None:
    """Predict the states of the detected parts of a shard with the part-state net."""
    from partparse.states.part_state import prediction

    prediction.predict_part_state(
        model,
        tables.read(persons, tables.PERSONS),
        tables.read(parts, tables.PARTS_TABLE),
        tables.read(actions, tables.ACTIONS),
        tables.read(frames, tables.FRAMES),
        vocabulary=Vocabulary.read(vocabulary),
        settings=settings,
        cache=frames.parent,
        version=job.version,
        device=job.device,
        out=out,
    )


if __name__ == "__main__":
    run(predict_part_state)
