"""The category method against counts made by hand."""

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.errors import InputError
from partparse.states.category.prediction import fit_category, predict_category
from partparse.states.category.settings import CategorySettings
from partparse.vocabulary import PARTS
from tests.samples.states import VIDEOS, VOCABULARY, actions_table, annotations_table, parts_table

ANNOTATIONS = annotations_table(
    [
        ("a", 1, "person", None),
        ("a", 1, "head", "turn"),
        ("a", 2, "head", "turn"),
        ("a", 3, "head", "bend"),
        ("b", 1, "head", "none"),
        ("b", 1, "left_leg", "bend"),
        ("b", 2, "left_leg", "none"),
    ]
)


def _statistics() -> pd.DataFrame:
    statistics = fit_category(VIDEOS, ANNOTATIONS, VOCABULARY, CategorySettings(pseudo_count=0.5))
    return statistics.set_index(["action", "part"])


def test_statistics_are_counts_with_pseudo_counts() -> None:
    statistics = _statistics()
    assert len(statistics) == 3 * len(PARTS)
    expected = [0.5 / 4.5, 1.5 / 4.5, 2.5 / 4.5]
    assert statistics.loc[("jump", "head")].tolist() == pytest.approx([3, *expected])


def test_unseen_pairs_take_all_actions_then_a_uniform_distribution() -> None:
    statistics = _statistics()
    whole = [1.5 / 5.5, 1.5 / 5.5, 2.5 / 5.5]
    assert statistics.loc[("walk", "head")].tolist() == pytest.approx([0, *whole])
    assert statistics.loc[("jump", "left_leg")].tolist() == pytest.approx(
        [0, 0.43, 0.43, 0.14], abs=0.01
    )
    assert statistics.loc[("sit", "hip")].tolist() == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3])


def test_the_likeliest_state_is_the_most_frequent_one_and_ties_go_by_the_vocabulary() -> None:
    statistics = _statistics()
    likeliest = pd.Series(tables.likeliest(statistics), index=statistics.index)
    assert likeliest["jump", "head"] == "turn"
    assert likeliest["sit", "left_leg"] == "none"


@pytest.mark.parametrize("pseudo_count", [0.001, 1.0, 1000.0])
def test_a_pseudo_count_never_changes_the_order(pseudo_count: float) -> None:
    settings = CategorySettings(pseudo_count=pseudo_count)
    statistics = fit_category(VIDEOS, ANNOTATIONS, VOCABULARY, settings)
    assert list(tables.likeliest(statistics)) == list(tables.likeliest(_statistics()))


def test_each_part_gets_the_statistics_of_the_predicted_action() -> None:
    parts = parts_table(
        [("v", 6, "head"), ("w", 1, "left_leg"), ("v", 1, "head"), ("v", 1, "person")]
    )
    actions = actions_table(v=[0.6, 0.1, 0.3], w=[0.2, 0.5, 0.3], unused=[1.0, 0.0, 0.0])
    states = predict_category(_statistics().reset_index(), actions, parts, VOCABULARY)
    assert states[["video", "frame", "part"]].to_numpy().tolist() == [
        ["v", 6, "head"],
        ["w", 1, "left_leg"],
        ["v", 1, "head"],
    ]
    columns = tables.probability_columns(VOCABULARY.states)
    head, leg = [0.5 / 4.5, 1.5 / 4.5, 2.5 / 4.5], [1.5 / 3.5, 1.5 / 3.5, 0.5 / 3.5]
    assert states[columns].to_numpy() == pytest.approx(np.array([head, leg, head]))


def test_a_shard_without_parts_gives_an_empty_table() -> None:
    actions = actions_table(v=[0.6, 0.1, 0.3])
    statistics = _statistics().reset_index()
    states = predict_category(statistics, actions, parts_table([]), VOCABULARY)
    assert len(states) == 0
    assert tables.probability_names(states) == list(VOCABULARY.states)


def test_wrong_input_is_named() -> None:
    statistics = _statistics().reset_index()
    actions, parts = actions_table(v=[0.6, 0.1, 0.3]), parts_table([("w", 1, "head")])
    with pytest.raises(InputError, match="no row for video 'w'"):
        predict_category(statistics, actions, parts, VOCABULARY)
    with pytest.raises(InputError, match="holds other actions than the vocabulary"):
        predict_category(statistics, actions.drop(columns="p_walk"), parts, VOCABULARY)
    with pytest.raises(InputError, match="hold other states than the vocabulary"):
        predict_category(statistics.drop(columns="p_turn"), actions, parts, VOCABULARY)
    with pytest.raises(InputError, match="state 'fly' is not in the vocabulary"):
        fit_category(
            VIDEOS,
            annotations_table([("a", 1, "head", "fly")]),
            VOCABULARY,
            CategorySettings(pseudo_count=1),
        )
    with pytest.raises(InputError, match="pseudo_count: expected more than 0, got 0"):
        CategorySettings.of({"pseudo_count": 0})
