from pathlib import Path

from partparse import tables
from partparse.recognition.settings import PredictSettings
from partparse.running.command_line import run
from partparse.running.program import Job


def predict_action(
    *, model: Path, frames: Path, settings: PredictSettings, job: Job, out: Path
) -> None:
    """Predict the action of a shard's videos: a distribution for each, 0 frames or not."""
    from partparse.recognition.actions import predict_actions
    from partparse.recognition.prediction import load_classifier, read_pictures

    classifier = load_classifier(model, job.device)
    pictures = read_pictures(classifier, frames)
    found = predict_actions(classifier, pictures, frames.parent, settings, job.device)
    tables.write(found, out, tables.ACTIONS)


if __name__ == "__main__":
    run(predict_action)
