from pathlib import Path

from partparse import tables
from partparse.errors import InputError
from partparse.recognition.settings import PredictSettings
from partparse.running.command_line import run
from partparse.running.program import Job
from partparse.vocabulary import PART_GROUPS, Vocabulary


def predict_group(
    *,
    models: dict[str, Path],
    actions: Path,
    parts: Path,
    frames: Path,
    vocabulary: Path,
    settings: PredictSettings,
    job: Job,
    out: Path,
) -> None:
    """Predict part states with the six classifiers of the part groups.

    Args:
        models: Model folder of each part group.
    """
    from partparse.recognition.clips import list_videos
    from partparse.recognition.modality import MODALITIES
    from partparse.states.clips import group
    from partparse.states.clips.group_models import modality_of, predict_groups

    if models.keys() != PART_GROUPS.keys():
        raise InputError(f"--models: expected one for each of {', '.join(PART_GROUPS)}")
    given = tables.read(parts, tables.PARTS_TABLE)
    pictures = tables.read(frames, MODALITIES[modality_of(models)].table)
    videos = list_videos(pictures[pictures["video"].isin(given["video"].unique())])
    states = group.predict_group(
        predict_groups(models, videos, frames.parent, settings, job.device),
        [video.name for video in videos],
        tables.read(actions, tables.ACTIONS),
        given,
        Vocabulary.read(vocabulary),
    )
    tables.write(states, out, tables.STATES)


if __name__ == "__main__":
    run(predict_group)
