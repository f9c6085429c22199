from pathlib import Path

from partparse.running.arguments import Frames, Job, Keypoints, Names, Parts, Persons
from partparse.running.command_line import program
from partparse.states.skeleton.settings import SkeletonPredictSettings


@program
def predict_skeleton(
    *,
    model: Path,
    persons: Persons,
    parts: Parts,
    own: Keypoints,
    tracked: Persons,
    keypoints: Keypoints,
    frames: Frames,
    vocabulary: Names,
    settings: SkeletonPredictSettings,
    job: Job,
    states_out: Path,
    actions_out: Path,
) -> None:
    """Predict part states and actions from keypoint sequences.

    Args:
        own: Their keypoints.
    """
    from partparse.running.prediction import predict
    from partparse.states.skeleton.prediction import load_skeleton

    method = load_skeleton(model, vocabulary, settings, device=job.device)
    rows = {
        "frames": frames.table,
        "persons": persons,
        "parts": parts,
        "tracked": tracked,
        "keypoints": keypoints,
        "own": own,
    }
    predict(method, rows, [states_out, actions_out], job)
