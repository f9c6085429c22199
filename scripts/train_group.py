import logging
from pathlib import Path

from partparse import tables
from partparse.recognition.settings import TrainSettings
from partparse.running.arguments import Annotations, Job, Names, Videos
from partparse.running.command_line import program

log = logging.getLogger("partparse")


@program
def train_group(
    *,
    group: str,
    videos: Videos,
    annotations: Annotations,
    frames: list[Path],
    vocabulary: Names,
    init: Path | None = None,
    settings: TrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train the classifier of one part group, over labels "action group state".

    Args:
        group: Its name.
    """
    from partparse.recognition.clips import LabelledClips, label_videos
    from partparse.recognition.modality import MODALITIES
    from partparse.recognition.training import train
    from partparse.states.clips.group import STAGE, group_labels, list_labels, write_unlearned

    labels = group_labels(videos, annotations, group, vocabulary)
    pairs = list_labels(labels, vocabulary)
    classes = [f"{action} {group} {state}" for action, state in pairs]
    named = labels["action"] + f" {group} " + labels["state"]
    named.index = labels["video"]
    schema = MODALITIES[settings.modality].table
    training = label_videos(tables.read_all(frames, schema), named, classes)
    if not training.videos:
        log.warning("%s: no training video has a label; its states stay unknown", group)
        write_unlearned(out, group, settings)
        return
    train(
        training,
        LabelledClips([], []),
        classes,
        settings,
        cache=frames[0].parent,
        out=out,
        job=job,
        stage=STAGE,
        initial=init,
        facts={"group": group, "labels": [list(pair) for pair in pairs]},
    )
