from pathlib import Path

from partparse.running.arguments import Actions, Frames, Job, Names, Parts, Persons
from partparse.running.command_line import program
from partparse.states.part_state.settings import PartStatePredictSettings


@program
def predict_part_state(
    *,
    model: Path,
    persons: Persons,
    parts: Parts,
    actions: Actions,
    frames: Frames,
    vocabulary: Names,
    settings: PartStatePredictSettings,
    job: Job,
    out: Path,
) -> None:
    """Predict the states of the detected parts of a shard with the part-state net."""
    from partparse.running.prediction import predict
    from partparse.states.part_state.prediction import load_part_state

    method = load_part_state(model, vocabulary, settings, cache=frames.cache, device=job.device)
    rows = {"parts": parts, "persons": persons, "actions": actions, "frames": frames.table}
    predict(method, rows, [out], job)
