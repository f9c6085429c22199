from pathlib import Path

from partparse import tables
from partparse.running.command_line import run
from partparse.running.program import Job
from partparse.states.skeleton.settings import SkeletonPredictSettings
from partparse.vocabulary import Vocabulary


def predict_skeleton(
    *,
    model: Path,
    persons: Path,
    parts: Path,
    own: Path,
    tracked: Path,
    keypoints: Path,
    frames: Path,
    vocabulary: Path,
    settings: SkeletonPredictSettings,
    job: Job,
    states_out: Path,
    actions_out: Path,
) -> None:
    """Predict part states and actions from keypoint sequences.

    Args:
        own: Their keypoints.
    """
    from partparse.states.skeleton import prediction
    from partparse.states.skeleton.tracklets import Tracklets

    names = Vocabulary.read(vocabulary)
    states, actions = prediction.predict_skeleton(
        prediction.load_model(model, names, job.device),
        tables.read(persons, tables.PERSONS),
        tables.read(parts, tables.PARTS_TABLE),
        tracklets=Tracklets(
            tables.read(tracked, tables.PERSONS), tables.read(keypoints, tables.KEYPOINT_TABLE)
        ),
        own=tables.read(own, tables.KEYPOINT_TABLE),
        videos=tables.read(frames, tables.FRAMES)["video"],
        vocabulary=names,
        settings=settings,
        device=job.device,
    )
    tables.write(states, states_out, tables.STATES)
    tables.write(actions, actions_out, tables.ACTIONS)


if __name__ == "__main__":
    run(predict_skeleton)
