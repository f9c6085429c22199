"""The group method: labels of videos, and states given the submitted action."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.errors import InputError
from partparse.files.atomic import read_json
from partparse.states.clips.group import (
    GroupOutput,
    group_labels,
    list_labels,
    load_group,
    predict_group,
    states_of_action,
    write_unlearned,
)
from partparse.states.pairs import modal_states
from partparse.vocabulary import PART_GROUPS
from tests.samples.prediction import predicted
from tests.samples.recognition import PREDICT, SETTINGS
from tests.samples.states import VIDEOS, VOCABULARY, actions_table, annotations_table, parts_table

STATES = VOCABULARY.states
LABELS = [("jump", "none"), ("jump", "turn"), ("sit", "bend")]


def test_left_and_right_count_together_and_ties_go_by_the_vocabulary() -> None:
    annotations = annotations_table(
        [
            ("a", 1, "left_leg", "turn"),
            ("a", 1, "right_leg", "bend"),
            ("a", 2, "right_leg", "bend"),
            ("a", 2, "head", "none"),
            ("b", 1, "left_leg", "turn"),
            ("b", 1, "right_leg", "none"),
            ("c", 1, "head", "turn"),
        ]
    )
    found = modal_states(annotations, PART_GROUPS["leg"], STATES)
    assert found.to_numpy().tolist() == [["a", "bend"], ["b", "none"]]
    assert modal_states(annotations, PART_GROUPS["hip"], STATES).empty


def test_labels_are_pairs_in_the_vocabulary_s_order() -> None:
    annotations = annotations_table([("b", 1, "head", "none"), ("a", 1, "head", "turn")])
    labels = group_labels(VIDEOS, annotations, "head", VOCABULARY)
    assert labels.to_numpy().tolist() == [["a", "jump", "turn"], ["b", "sit", "none"]]
    assert list_labels(labels, VOCABULARY) == [("jump", "turn"), ("sit", "none")]
    with pytest.raises(InputError, match="part group 'neck' is none of head, hand"):
        group_labels(VIDEOS, annotations, "neck", VOCABULARY)


def test_states_are_those_of_the_submitted_action() -> None:
    output = GroupOutput(LABELS, np.array([[0.1, 0.3, 0.6]] * 3, np.float32))
    found = states_of_action(output, ["jump", "sit", "walk"], STATES)
    expected = [[0.25, 0, 0.75], [0, 1, 0], [0.1, 0.6, 0.3]]  # none has a label: all of them
    assert found == pytest.approx(np.array(expected))


def test_an_action_that_the_classifier_rules_out_keeps_a_distribution() -> None:
    output = GroupOutput(LABELS, np.array([[0, 0, 1]], np.float32))
    assert states_of_action(output, ["jump"], STATES) == pytest.approx(np.array([[0.5, 0, 0.5]]))


def test_it_is_the_published_choice_where_classifier_and_action_agree() -> None:
    rng = np.random.default_rng(0)
    labels = [(action, state) for action in VOCABULARY.actions for state in STATES]
    output = GroupOutput(labels, rng.dirichlet(np.ones(9), 50))
    best = [labels[i] for i in output.probabilities.argmax(axis=1)]
    found = states_of_action(output, [action for action, _ in best], STATES)
    assert [STATES[i] for i in found.argmax(axis=1)] == [state for _, state in best]


def test_every_part_gets_its_group_s_state_in_every_frame() -> None:
    outputs = {
        group: GroupOutput(
            [("jump", STATES[i % 3]), ("sit", STATES[(i + 1) % 3])], np.array([[0.9, 0.1]] * 2)
        )
        for i, group in enumerate(PART_GROUPS)
    }
    parts = parts_table([("v", 1, "head"), ("w", 1, "right_hand"), ("v", 6, "left_hand")])
    actions = actions_table(v=[1.0, 0.0, 0.0], w=[0.0, 1.0, 0.0])
    states = predict_group(outputs, ["w", "v"], actions, parts, VOCABULARY)
    assert list(tables.likeliest(states)) == ["none", "turn", "bend"]
    pd.testing.assert_frame_equal(
        states[["video", "frame", "part"]], parts[["video", "frame", "part"]]
    )


def test_a_shard_without_parts_gives_an_empty_table() -> None:
    outputs = {group: GroupOutput(LABELS, np.empty((0, 3))) for group in PART_GROUPS}
    actions = actions_table(v=[1.0, 0.0, 0.0])
    assert predict_group(outputs, [], actions, parts_table([]), VOCABULARY).empty


def test_a_group_without_labels_gives_equally_likely_states(tmp_path: Path) -> None:
    nothing = annotations_table([("a", 1, "head", None)])
    assert list_labels(group_labels(VIDEOS, nothing, "hip", VOCABULARY), VOCABULARY) == []
    folders = {group: tmp_path / group / "model" for group in PART_GROUPS}
    for group, folder in folders.items():
        write_unlearned(folder, group, SETTINGS)
        assert [path.name for path in folder.iterdir()] == ["model.json"]
        assert read_json(folder / "model.json")["trained_on"]["videos"] == 0
    parts = parts_table([("v", 1, "head"), ("v", 1, "hip")])
    frames = pd.DataFrame({"video": ["v"], "frames": 3, "width": 9, "height": 9, "source": "1"})
    rows = {"parts": parts, "actions": actions_table(v=[1, 0, 0]), "frames": frames}
    method = load_group(folders, VOCABULARY, PREDICT, cache=tmp_path, device="cpu")
    (states,) = predicted(method, rows, tmp_path)
    columns = tables.probability_columns(STATES)
    assert states[columns].to_numpy() == pytest.approx(1 / 3)
    outputs = {group: GroupOutput([], np.empty((1, 0))) for group in PART_GROUPS}
    outputs["head"] = GroupOutput([("jump", "turn")], np.ones((1, 1)))
    states = predict_group(outputs, ["v"], rows["actions"], parts, VOCABULARY)
    assert states[columns].to_numpy() == pytest.approx(np.array([[0, 0, 1], [1 / 3] * 3]))
    with pytest.raises(InputError, match="expected one for each of head, "):
        load_group({}, VOCABULARY, PREDICT, cache=tmp_path, device="cpu")
