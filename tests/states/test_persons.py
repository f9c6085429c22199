"""Persons as arrays, and labels that are pairs of a part and a state."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch.nn import functional

from partparse import tables
from partparse.errors import InputError
from partparse.states.pairs import (
    Pairs,
    decode_labels,
    modal_pairs,
    observed_pairs,
    part_accuracy,
    part_loss,
    read_pairs,
)
from partparse.states.persons import (
    UNKNOWN,
    annotated_persons,
    detected_persons,
    pool_actions,
    tabulate_states,
)
from partparse.vocabulary import PARTS, PERSON
from tests.samples.states import VOCABULARY, annotations_table

ROWS = [
    ("a", 1, PERSON, None),
    ("a", 1, "head", "turn"),
    ("a", 1, "left_arm", "bend"),
    ("a", 2, PERSON, None),
    ("a", 2, "head", "none"),
    ("b", 1, PERSON, None),
    ("b", 1, "head", None),
    ("b", 4, PERSON, None),
    ("b", 4, "right_arm", "turn"),
    ("b", 4, "head", "none"),
]
FRAMES = tables.FRAMES.validate(
    pd.DataFrame(
        {"video": ["a", "b"], "frames": [3, 4], "expected": None, "width": 9, "height": 9}
    ).assign(fps=None, problem=None, source="1")
)


def test_annotated_persons_are_those_with_a_state_on_the_stride() -> None:
    persons = annotated_persons(annotations_table(ROWS), FRAMES, VOCABULARY, 3)
    assert persons.keys.to_numpy().tolist() == [["a", 1, 1], ["b", 4, 1]]
    assert persons.boxes.tolist() == [[0, 0, 5, 5]] * 2
    states = np.full((2, 10), UNKNOWN)
    states[0, PARTS.index("head")] = 2
    states[0, PARTS.index("left_arm")] = 1
    states[1, PARTS.index("right_arm")] = 2
    states[1, PARTS.index("head")] = 0
    assert persons.states.tolist() == states.tolist()
    assert (persons.found == (states != UNKNOWN)).all()
    assert len(persons.take([1])) == 1
    assert persons.take(np.array([False, True])).keys["video"].tolist() == ["b"]


def test_frames_that_were_not_extracted_are_left_out_and_unknown_states_refused() -> None:
    shorter = FRAMES.assign(frames=np.array([3, 3], np.int32))
    assert len(annotated_persons(annotations_table(ROWS), shorter, VOCABULARY, 3)) == 1
    wrong = annotations_table([("a", 1, PERSON, None), ("a", 1, "head", "fly")])
    with pytest.raises(InputError, match="state 'fly' is not in the vocabulary"):
        annotated_persons(wrong, FRAMES, VOCABULARY, 1)


def test_detected_persons_become_a_states_table_of_their_parts() -> None:
    box = {"x1": 1.0, "y1": 2.0, "x2": 3.0, "y2": 4.0, "score": 0.5}
    keys = pd.DataFrame({"video": "a", "frame": 1, "person": [1, 2]})
    persons = tables.PERSONS.validate(keys.assign(**box, track=-1))
    parts = pd.DataFrame({"video": "a", "frame": 1, "person": [2, 2], "part": ["hip", "head"]})
    found = detected_persons(persons, tables.PARTS_TABLE.validate(parts.assign(**box)))
    assert found.found.sum(axis=1).tolist() == [0, 2]
    distributions = np.random.default_rng(0).dirichlet(np.ones(3), (2, 10))
    states = tabulate_states(found, distributions, VOCABULARY)
    assert states[["person", "part"]].to_numpy().tolist() == [[2, "head"], [2, "hip"]]
    values = states[tables.probability_columns(VOCABULARY.states)].to_numpy()
    assert values == pytest.approx(distributions[1, [0, 9]], abs=1e-6)
    stray = parts.assign(person=3, **box)
    with pytest.raises(InputError, match="parts of person 3, who is absent"):
        detected_persons(persons, tables.PARTS_TABLE.validate(stray))


def test_pairs_are_those_of_the_data() -> None:
    annotations = annotations_table([*ROWS, ("a", 3, PERSON, None), ("a", 3, "head", "none")])
    observed = observed_pairs(annotations, VOCABULARY)
    assert observed.pairs == (
        ("head", "none"),
        ("head", "turn"),
        ("left_arm", "bend"),
        ("right_arm", "turn"),
    )
    modal = modal_pairs(annotations, VOCABULARY)
    assert modal.pairs == (("head", "none"), ("left_arm", "bend"), ("right_arm", "turn"))
    assert read_pairs(modal.facts()["pairs"], VOCABULARY) == modal


PAIRS = Pairs(
    (("head", "none"), ("head", "turn"), ("left_arm", "bend"), ("right_arm", "bend")),
    VOCABULARY.states,
)


def test_mirrored_targets_exchange_the_sides_and_drop_what_is_no_label() -> None:
    targets = np.array([[1, 0, 1, 0], [0, 1, 0, 1]], np.float32)
    mirrored = PAIRS.mirror(targets)
    assert mirrored.tolist() == [[1, 0, 0, 1], [0, 1, 1, 0]]
    assert PAIRS.mirror(mirrored).tolist() == targets.tolist()
    one_sided = Pairs(PAIRS.pairs[:3], VOCABULARY.states)
    assert one_sided.mirror(targets[:, :3]).tolist() == [[1, 0, 0], [0, 1, 0]]


def test_the_loss_is_the_mean_cross_entropy_of_the_known_parts() -> None:
    scores = torch.randn(2, 4, generator=torch.manual_seed(0), requires_grad=True)
    states = torch.full((2, 10), UNKNOWN)
    states[0, 0], states[1, 0], states[1, 1] = 2, 0, 1  # head turn; head none; left_arm bend
    spread = PAIRS.spread(scores)
    loss = part_loss(spread, states)
    expected = functional.cross_entropy(scores[:, :2], torch.tensor([1, 0]), reduction="sum") / 3
    assert loss.item() == pytest.approx(expected.item())  # one label alone costs nothing
    loss.backward()
    assert torch.isfinite(scores.grad).all()
    assert (scores.grad[:, 2:] == 0).all()
    right = (scores[:, :2].argmax(1) == torch.tensor([1, 0])).sum().item() + 1
    assert part_accuracy(spread, states).item() == pytest.approx(right / 3)


def test_a_loss_of_nothing_known_is_zero_and_impossible_states_count_nothing() -> None:
    spread = PAIRS.spread(torch.zeros(1, 4))
    states = torch.full((1, 10), UNKNOWN)
    assert part_loss(spread, states).item() == 0
    states[0, 1] = 0  # left_arm none is no label
    assert part_loss(spread, states).item() == 0


def test_smoothing_is_that_of_torch_over_the_part_s_labels() -> None:
    scores = torch.randn(3, 4, generator=torch.manual_seed(1))
    states = torch.full((3, 10), UNKNOWN)
    states[:, 0] = torch.tensor([0, 2, 2])
    found = part_loss(PAIRS.spread(scores), states, smoothing=0.2)
    target = torch.tensor([0, 1, 1])
    expected = functional.cross_entropy(scores[:, :2], target, label_smoothing=0.2)
    assert found.item() == pytest.approx(expected.item())


def test_labels_of_a_part_are_weighed_by_their_odds() -> None:
    found = decode_labels(np.array([[0.5, 0.8, 0.1, 0.9]]), PAIRS)
    assert found.shape == (1, 10, 3)
    assert found[0, 0] == pytest.approx([0.2, 0, 0.8])
    assert found[0, 1] == pytest.approx([0, 1, 0])
    assert found[0, 9] == pytest.approx([1 / 3] * 3)


def test_sure_large_and_long_seen_persons_count_more_for_the_action() -> None:
    # 10 x 10 pixels, but for the last one, which has 20 x 20
    sides = np.array([10, 10, 10, 20])
    persons = pd.DataFrame({"video": ["a", "b", "a", "a"], "score": [0.8, 0.5, 0.4, 0.2]})
    persons = persons.assign(x1=1, y1=1, x2=sides, y2=sides)
    said, videos = np.eye(4)[[0, 1, 2, 3], :3], pd.Series(["b", "none", "a"])
    said[3, 1] = 1
    found = pool_actions(persons, said, videos, VOCABULARY)
    assert found["video"].tolist() == ["b", "none", "a"]
    thirds = [1 / 3, 1 / 3, 1 / 3]
    expected = np.array([[0, 1, 0], thirds, [0.4, 0.4, 0.2]])
    assert found.iloc[:, 1:].to_numpy() == pytest.approx(expected)
    seen = np.array([1, 1, 1, 0])
    of_seen = pool_actions(persons, said, videos, VOCABULARY, seen)
    assert of_seen.iloc[2, 1:].to_numpy(float) == pytest.approx(np.array([2 / 3, 0, 1 / 3]))
