from pathlib import Path

from partparse.recognition.settings import PredictSettings
from partparse.running.arguments import Job, Persons
from partparse.running.command_line import program


@program
def predict_action(
    *,
    model: Path,
    frames: Path,
    tracked: Persons | None = None,
    settings: PredictSettings,
    job: Job,
    out: Path,
) -> None:
    """Predict the action of a shard's videos: a distribution for each, 0 frames or not.

    Args:
        tracked: Persons, where clips are of these.
    """
    from partparse.recognition.prediction import load_actions, read_pictures
    from partparse.running.prediction import predict

    classifier = load_actions(model, settings, cache=frames.parent, device=job.device)
    rows = {"frames": read_pictures(model, frames)}
    if tracked is not None:
        rows["tracked"] = tracked
    predict(classifier, rows, [out], job)
