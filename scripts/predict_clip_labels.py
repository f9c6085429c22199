from pathlib import Path

from partparse import tables
from partparse.recognition.settings import PredictSettings
from partparse.running.command_line import run
from partparse.running.program import Job
from partparse.vocabulary import Vocabulary


def predict_clip_labels(
    *,
    model: Path,
    parts: Path,
    frames: Path,
    vocabulary: Path,
    settings: PredictSettings,
    job: Job,
    out: Path,
) -> None:
    """Predict part states with the video-level or the segment-level method."""
    from partparse.recognition.prediction import load_classifier, read_pictures
    from partparse.states.clips import labels

    classifier = load_classifier(model, job.device)
    states = labels.predict_clip_labels(
        classifier,
        tables.read(parts, tables.PARTS_TABLE),
        read_pictures(classifier, frames),
        Vocabulary.read(vocabulary),
        cache=frames.parent,
        settings=settings,
        device=job.device,
    )
    tables.write(states, out, tables.STATES)


if __name__ == "__main__":
    run(predict_clip_labels)
