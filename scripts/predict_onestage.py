from pathlib import Path

from partparse import tables
from partparse.running.command_line import run
from partparse.running.program import Job
from partparse.states.onestage.settings import OneStagePredictSettings
from partparse.vocabulary import Vocabulary


def predict_onestage(
    *,
    model: Path,
    frames: Path,
    vocabulary: Path,
    stride: int,
    settings: OneStagePredictSettings,
    job: Job,
    persons_out: Path,
    parts_out: Path,
    states_out: Path,
) -> None:
    """Detect the persons of a shard, their parts and the states of these, all in one step."""
    from partparse.states.onestage import prediction

    prediction.predict_onestage(
        model,
        tables.read(frames, tables.FRAMES),
        Vocabulary.read(vocabulary),
        cache=frames.parent,
        stride=stride,
        settings=settings,
        version=job.version,
        device=job.device,
        persons_out=persons_out,
        parts_out=parts_out,
        states_out=states_out,
    )


if __name__ == "__main__":
    run(predict_onestage)
