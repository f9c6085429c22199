from pathlib import Path

from partparse.recognition.settings import PredictSettings
from partparse.running.arguments import Job
from partparse.running.command_line import program


@program
def predict_action(
    *, model: Path, frames: Path, settings: PredictSettings, job: Job, out: Path
) -> None:
    """Predict the action of a shard's videos: a distribution for each, 0 frames or not."""
    from partparse.recognition.prediction import load_actions, read_pictures
    from partparse.running.prediction import predict

    classifier = load_actions(model, settings, cache=frames.parent, device=job.device)
    predict(classifier, {"frames": read_pictures(model, frames)}, [out], job.version)
