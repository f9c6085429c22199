from pathlib import Path

from partparse.recognition.settings import PredictSettings
from partparse.running.arguments import Job, Names, Parts
from partparse.running.command_line import program


@program
def predict_clip_labels(
    *,
    model: Path,
    parts: Parts,
    frames: Path,
    vocabulary: Names,
    settings: PredictSettings,
    job: Job,
    out: Path,
) -> None:
    """Predict part states with the video-level or the segment-level method."""
    from partparse.recognition.prediction import read_pictures
    from partparse.running.prediction import predict
    from partparse.states.clips.labels import load_clip_labels

    method = load_clip_labels(model, vocabulary, settings, cache=frames.parent, device=job.device)
    rows = {"parts": parts, "frames": read_pictures(model, frames)}
    predict(method, rows, [out], job)
