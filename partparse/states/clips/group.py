"""States as classes of whole videos: the second place of 2021.

Its report (section 1.3) sorts the parts into six groups and trains a video classifier for each,
over labels "action group state" where the state is the video's most frequent one. Every part of
a group then has that state in every frame. Here the classifier's whole distribution is kept, and
restricted to the action that is submitted.

A group that no training video has a label of has a model folder too: its card lists no labels,
there are no weights, and its states are predicted to be all equally likely.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse import tables
from partparse.boxes import Floats
from partparse.errors import InputError
from partparse.files.atomic import atomic_folder, read_json
from partparse.files.weights import CARD
from partparse.recognition.clips import decoded_videos
from partparse.recognition.prediction import (
    VIDEOS_AT_ONCE,
    load_classifier,
    open_reader,
    predict_clips,
)
from partparse.recognition.settings import PredictSettings, TrainSettings
from partparse.row_keys import codes
from partparse.running.prediction import Output, Predictor, Rows
from partparse.running.program import write_model_card
from partparse.states.pairs import modal_states
from partparse.states.rows import part_rows, states_table, video_actions
from partparse.vocabulary import PART_GROUPS, Vocabulary

STAGE = "train_group"


class GroupOutput(NamedTuple):
    """What the classifier of one group says of a shard's videos."""

    labels: Sequence[tuple[str, str]]
    """The pair (action, state) of each column; none where no video had one to learn from."""
    probabilities: Floats
    """(videos, labels)."""


def group_labels(
    videos: pd.DataFrame, annotations: pd.DataFrame, group: str, vocabulary: Vocabulary
) -> pd.DataFrame:
    """The label of each training video in which the group is annotated.

    Returns:
        Columns video, action, state; the label is the pair of the last two.
    """
    if group not in PART_GROUPS:
        raise InputError(f"part group {group!r} is none of {', '.join(PART_GROUPS)}")
    states = modal_states(annotations, PART_GROUPS[group], vocabulary.states)
    return states.merge(videos[["video", "action"]], on="video")[["video", "action", "state"]]


def list_labels(labels: pd.DataFrame, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """The different pairs (action, state), in the vocabulary's order."""
    pairs = set(labels[["action", "state"]].itertuples(index=False, name=None))
    every = product(vocabulary.actions, vocabulary.states)
    return [pair for pair in every if pair in pairs]


def states_of_action(
    output: GroupOutput, actions: Sequence[str], states: Sequence[str]
) -> NDArray[np.float64]:
    """P(state | group, action) for each video, (videos, states).

    The published choice is the state of the likeliest label. Where that label is of the given
    action the likeliest state here is the same; where it is not, the challenge gives nothing for
    states of another action, so the best label of this one is meant.

    Args:
        output: the classifier's distributions.
        actions: the action that is submitted for each video; one without a label takes the
            labels of all actions. Without any label the states are equally likely.
        states: the vocabulary.
    """
    if not output.labels:
        return np.full((len(actions), len(states)), 1 / len(states))
    label_actions = np.array([action for action, _ in output.labels], dtype=object)
    allowed = label_actions[None, :] == np.asarray(actions, dtype=object)[:, None]
    allowed |= ~allowed.any(axis=1, keepdims=True)
    # an action that the classifier rules out has labels of 0, which are then equally likely
    kept = allowed * (output.probabilities.astype(float) + np.finfo(float).tiny)
    index = {state: column for column, state in enumerate(states)}
    has_state = np.zeros((len(output.labels), len(states)))
    has_state[np.arange(len(output.labels)), [index[state] for _, state in output.labels]] = 1
    return (kept / kept.sum(axis=1, keepdims=True)) @ has_state


def predict_group(
    outputs: Mapping[str, GroupOutput],
    videos: Sequence[str],
    actions: pd.DataFrame,
    parts: pd.DataFrame,
    vocabulary: Vocabulary,
) -> pd.DataFrame:
    """The STATES table of a PARTS_TABLE: in each video a part has its group's distribution.

    `videos` are the rows of the outputs; all those of `parts` and of ACTIONS are among them.
    """
    rows = part_rows(parts)
    by_video = pd.DataFrame({"video": pd.Series(list(videos), dtype=str)})
    classes = video_actions(actions, by_video, vocabulary)
    row_video = codes(rows["video"], videos)
    result = np.empty((len(rows), len(vocabulary.states)), np.float32)
    for group, members in PART_GROUPS.items():
        mine = rows["part"].isin(members).to_numpy()
        states = states_of_action(outputs[group], list(classes), vocabulary.states)
        result[mine] = states[row_video[mine]]
    return states_table(rows, result, vocabulary)


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

    `models` are the model folders of the groups, `cache` is the folder of the pictures. Raises
    InputError for a group without a model, and a model folder that is damaged.
    """
    if models.keys() != PART_GROUPS.keys():
        raise InputError(f"--models: expected one for each of {', '.join(PART_GROUPS)}")
    classifiers = {
        group: load_classifier(folder, device)
        for group, folder in models.items()
        if read_json(folder / CARD).get("labels") != []
    }

    def judge(rows: Rows) -> list[pd.DataFrame]:
        videos = decoded_videos(rows["frames"])
        readers = {
            classifier.settings.frame_side: open_reader(classifier, cache, settings)
            for classifier in classifiers.values()
        }
        outputs = {group: GroupOutput([], np.empty((len(videos), 0))) for group in models}
        for group, classifier in classifiers.items():
            reader = readers[classifier.settings.frame_side]
            outputs[group] = GroupOutput(
                [(action, state) for action, state in classifier.card["labels"]],
                predict_clips(classifier, videos, reader, settings, device),
            )
        names = [video.name for video in videos]
        return [predict_group(outputs, names, rows["actions"], rows["parts"], vocabulary)]

    states = Output(tables.STATES, vocabulary.states)
    folders = [models[group] for group in PART_GROUPS]
    return Predictor(judge, [states], folders, {"settings": settings}, at_once=VIDEOS_AT_ONCE)
