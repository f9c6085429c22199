"""The model folders of the group method: one a part group, with its classifier.

A group that no training video has a label of has a folder too: its card lists no labels, there
are no weights, and its states are predicted to be all equally likely.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from partparse.files.atomic import atomic_folder, read_json
from partparse.files.weights import CARD, read_card
from partparse.recognition.clips import Video
from partparse.recognition.prediction import load_classifier, open_reader, predict
from partparse.recognition.settings import PredictSettings, TrainSettings
from partparse.running.program import write_model_card
from partparse.states.clips.group import GroupOutput

STAGE = "train_group"


def write_unlearned(out: Path, group: str, settings: TrainSettings) -> None:
    """Write the model folder of a group that no training video has frames and a label of."""
    with atomic_folder(out) as folder:
        write_model_card(
            folder / CARD,
            stage=STAGE,
            settings=settings.model_dump(),
            trained_on={"videos": 0, "classes": 0},
            seed=settings.seed,
            classes=[],
            group=group,
            labels=[],
        )


def modality_of(folders: Mapping[str, Path]) -> str:
    """Of what the clips of the groups are: the same for all, who share their settings."""
    return str(read_card(next(iter(folders.values())), "settings")["settings"]["modality"])


def predict_groups(
    folders: Mapping[str, Path],
    videos: Sequence[Video],
    cache: Path,
    settings: PredictSettings,
    device: str,
) -> dict[str, GroupOutput]:
    """What the classifier of each group says of `videos`.

    Args:
        folders: the model folder of each group.
        videos: rows of the outputs.
        cache: folder of the frames, or of the flow.
        settings: clips and batches.
        device: torch's name of it.

    Raises:
        InputError: for a model folder that is damaged.
    """
    learned = {group: path for group, path in folders.items() if _is_learned(path)}
    classifiers = {group: load_classifier(path, device) for group, path in learned.items()}
    readers = {
        classifier.settings.frame_side: open_reader(classifier, cache, settings)
        for classifier in classifiers.values()
    }
    outputs = {group: GroupOutput([], np.empty((len(videos), 0))) for group in folders}
    for group, classifier in classifiers.items():
        reader = readers[classifier.settings.frame_side]
        outputs[group] = GroupOutput(
            [(action, state) for action, state in classifier.card["labels"]],
            predict(classifier, videos, reader, settings, device),
        )
    return outputs


def _is_learned(folder: Path) -> bool:
    return read_json(folder / CARD).get("labels") != []
