from pathlib import Path

from partparse.recognition.settings import PredictSettings
from partparse.running.arguments import Actions, Job, Names, Parts
from partparse.running.command_line import program


@program
def predict_group(
    *,
    models: dict[str, Path],
    actions: Actions,
    parts: Parts,
    frames: Path,
    vocabulary: Names,
    settings: PredictSettings,
    job: Job,
    out: Path,
) -> None:
    """Predict part states with the six classifiers of the part groups.

    Args:
        models: Model folder of each part group.
    """
    from partparse.recognition.prediction import read_pictures
    from partparse.running.prediction import predict
    from partparse.states.clips.group import load_group

    method = load_group(models, vocabulary, settings, cache=frames.parent, device=job.device)
    pictures = read_pictures(next(iter(models.values())), frames)
    rows = {"parts": parts, "actions": actions, "frames": pictures}
    predict(method, rows, [out], job)
