from pathlib import Path

from partparse.running.arguments import Frames, Job, Names
from partparse.running.command_line import program
from partparse.states.onestage.settings import OneStagePredictSettings


@program
def predict_onestage(
    *,
    model: Path,
    frames: Frames,
    vocabulary: Names,
    stride: int,
    settings: OneStagePredictSettings,
    job: Job,
    persons_out: Path,
    parts_out: Path,
    states_out: Path,
) -> None:
    """Detect the persons of a shard, their parts and the states of these, all in one step."""
    from partparse.detection.frame_detection import scored_frames
    from partparse.running.prediction import predict
    from partparse.states.onestage.prediction import load_onestage

    method = load_onestage(model, vocabulary, settings, cache=frames.cache, device=job.device)
    rows = {"scored": scored_frames(frames.table, stride), "frames": frames.table}
    predict(method, rows, [persons_out, parts_out, states_out], job)
