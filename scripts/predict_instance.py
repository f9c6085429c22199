from pathlib import Path

from partparse.running.arguments import Frames, Job, Keypoints, Names, Parts, Persons
from partparse.running.command_line import program
from partparse.running.program import limit_threads
from partparse.states.instance.settings import InstancePredictSettings


@program
def predict_instance(
    *,
    model: Path,
    persons: Persons,
    parts: Parts,
    frames: Frames,
    vocabulary: Names,
    tracked: Persons | None = None,
    keypoints: Keypoints | None = None,
    own: Keypoints | None = None,
    settings: InstancePredictSettings,
    job: Job,
    out: Path,
) -> None:
    """Predict part states with an instance-level method, from detected persons and parts.

    Args:
        own: Keypoints of the persons themselves.
    """
    from partparse.running.prediction import predict
    from partparse.states.instance.prediction import load_instance

    limit_threads(job.threads)  # torch and OpenCV are loaded now
    method = load_instance(model, vocabulary, settings, cache=frames.cache, device=job.device)
    rows = {"parts": parts, "persons": persons, "frames": frames.table}
    if tracked is not None and keypoints is not None and own is not None:
        rows |= {"tracked": tracked, "keypoints": keypoints, "own": own}
    predict(method, rows, [out], job)
