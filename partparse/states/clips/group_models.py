"""The model folders of the group method: one a part group, with its classifier.

A group that no training video has a label of has a folder too: its card lists no labels, there
are no weights, and its states are predicted to be all equally likely.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from partparse import tables
from partparse.errors import InputError
from partparse.files.atomic import atomic_folder, read_json
from partparse.files.weights import CARD
from partparse.recognition.clips import list_videos
from partparse.recognition.prediction import VIDEOS_AT_ONCE, load_classifier, open_reader, predict
from partparse.recognition.settings import PredictSettings, TrainSettings
from partparse.running.prediction import Output, Predictor, Rows
from partparse.running.program import write_model_card
from partparse.states.clips.group import GroupOutput, predict_group
from partparse.vocabulary import PART_GROUPS, Vocabulary

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


def load_group(
    models: Mapping[str, Path],
    vocabulary: Vocabulary,
    settings: PredictSettings,
    *,
    cache: Path,
    device: str,
) -> Predictor:
    """What makes the STATES of `parts` in videos of `frames` (FRAMES or FLOW) with `actions`.

    Args:
        models: the model folder of each group.
        vocabulary: names of actions and states.
        settings: clips and batches.
        cache: folder of the frames, or of the flow.
        device: torch's name of it.

    Raises:
        InputError: for a group without a model, and a model folder that is damaged.
    """
    if models.keys() != PART_GROUPS.keys():
        raise InputError(f"--models: expected one for each of {', '.join(PART_GROUPS)}")
    learned = {group: path for group, path in models.items() if _is_learned(path)}
    classifiers = {group: load_classifier(path, device) for group, path in learned.items()}

    def judge(rows: Rows) -> list[pd.DataFrame]:
        videos = list_videos(rows["frames"])
        readers = {
            classifier.settings.frame_side: open_reader(classifier, cache, settings)
            for classifier in classifiers.values()
        }
        outputs = {group: GroupOutput([], np.empty((len(videos), 0))) for group in models}
        for group, classifier in classifiers.items():
            reader = readers[classifier.settings.frame_side]
            outputs[group] = GroupOutput(
                [(action, state) for action, state in classifier.card["labels"]],
                predict(classifier, videos, reader, settings, device),
            )
        names = [video.name for video in videos]
        return [predict_group(outputs, names, rows["actions"], rows["parts"], vocabulary)]

    states = Output(tables.STATES, vocabulary.states)
    folders = [models[group] for group in PART_GROUPS]
    return Predictor(judge, [states], folders, {"settings": settings}, at_once=VIDEOS_AT_ONCE)


def _is_learned(folder: Path) -> bool:
    return read_json(folder / CARD).get("labels") != []
