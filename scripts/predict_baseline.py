from pathlib import Path

from partparse.running.arguments import DetectedObjects, Frames, Job, Names, Parts, Persons
from partparse.running.command_line import program
from partparse.states.baseline.settings import BaselinePredictSettings


@program
def predict_baseline(
    *,
    model: Path,
    frames: Frames,
    persons: Persons,
    parts: Parts,
    objects: DetectedObjects,
    vocabulary: Names,
    stride: int,
    settings: BaselinePredictSettings,
    job: Job,
    states_out: Path,
    actions_out: Path,
) -> None:
    """Predict the states and the actions of a shard with the official baseline."""
    from partparse.running.prediction import predict
    from partparse.states.baseline.prediction import load_baseline

    method = load_baseline(
        model, vocabulary, settings, cache=frames.cache, device=job.device, stride=stride
    )
    rows = {"frames": frames.table, "persons": persons, "parts": parts, "objects": objects}
    predict(method, rows, [states_out, actions_out], job)
