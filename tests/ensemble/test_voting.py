"""Voting, ranking and choice by category on cases that can be checked by hand."""

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.ensemble.choice import (
    EVERY_ACTION,
    choose_methods,
    method_order,
    rank_methods,
    take_chosen,
)
from partparse.ensemble.folds import ALL, deciding_fold, fold_of
from partparse.ensemble.voting import vote
from partparse.states.rows import parse
from partparse.vocabulary import PERSON


def person(number, box, states, video="v", frame=1, score=0.9):
    """Rows of one person with the states of its parts, each part's box being the person's."""
    parts = [(PERSON, None), *states.items()]
    return [
        dict(zip([*"abcd"], box, strict=True))
        | {"video": video, "frame": frame, "person": number, "part": part, "state": state}
        | {"score": score, "state_probability": None if state is None else 0.6}
        for part, state in parts
    ]


def parses(*persons):
    rows = pd.DataFrame([row for rows in persons for row in rows])
    rows = rows.rename(columns=dict(zip("abcd", tables.BOX, strict=True)))
    return tables.PARSES.validate(rows)


def states_of(table):
    rows = table[table["part"] != PERSON]
    return {(row.person, row.part): row.state for row in rows.itertuples()}


BOX = [10, 10, 60, 110]
NEAR = [11, 11, 61, 111]
FAR = [200, 10, 250, 110]


def test_majority_wins_over_the_best_method():
    methods = {
        "best": parses(person(1, BOX, {"head": "none", "hip": "sit"})),
        "second": parses(person(1, NEAR, {"head": "turn", "hip": "sit"})),
        "third": parses(person(1, NEAR, {"head": "turn", "hip": "none"})),
    }
    joined = vote(methods, ["best", "second", "third"], 0.8).parses
    assert states_of(joined) == {(1, "head"): "turn", (1, "hip"): "sit"}
    said = joined.set_index("part")["state_probability"]
    assert said[["head", "hip"]].tolist() == pytest.approx([2 / 3, 2 / 3])
    assert np.isnan(said[PERSON])
    assert joined.loc[joined["part"] == PERSON, tables.BOX].to_numpy().tolist() == [BOX]


def test_a_tie_goes_to_the_better_method():
    methods = {
        "worse": parses(person(1, NEAR, {"head": "turn"})),
        "better": parses(person(1, BOX, {"head": "none"})),
    }
    assert states_of(vote(methods, ["better", "worse"], 0.8).parses) == {(1, "head"): "none"}
    assert states_of(vote(methods, ["worse", "better"], 0.8).parses) == {(1, "head"): "turn"}


def test_persons_are_joined_by_overlap_and_not_by_number():
    methods = {
        "a": parses(person(1, BOX, {"head": "none"}), person(2, FAR, {"head": "turn"})),
        "b": parses(person(1, FAR, {"hip": "sit"}), person(2, BOX, {"hip": "stoop"})),
    }
    assert states_of(vote(methods, ["a", "b"], 0.8).parses) == {
        (1, "head"): "none",
        (2, "head"): "turn",
        (1, "hip"): "stoop",
        (2, "hip"): "sit",
    }


def test_persons_of_one_method_alone_are_kept():
    methods = {
        "a": parses(person(1, BOX, {"head": "none"})),
        "b": parses(person(1, FAR, {"head": "turn"}, score=0.2)),
    }
    joined = vote(methods, ["a", "b"], 0.8).parses
    assert states_of(joined) == {(1, "head"): "none", (2, "head"): "turn"}
    assert not joined.duplicated(["video", "frame", "person", "part"]).any()


def test_at_most_ten_persons_are_left():
    many = [person(i, [i * 100, 0, i * 100 + 50, 50], {"head": "none"}) for i in range(1, 11)]
    other = person(1, [5000, 0, 5050, 50], {"head": "turn"})
    joined, votes = vote({"a": parses(*many), "b": parses(other)}, ["a", "b"], 0.8)
    assert sorted(joined["person"].unique()) == list(range(1, 11))
    assert sorted(votes["person"].unique()) == list(range(1, 11))


def test_the_votes_say_how_clear_a_decision_was():
    methods = {
        "best": parses(person(1, BOX, {"head": "none", "hip": "sit"})),
        "second": parses(person(1, NEAR, {"head": "turn"})),
        "third": parses(person(1, NEAR, {"head": "turn"})),
    }
    votes = tables.VOTES.validate(vote(methods, ["best", "second", "third"], 0.8).votes)
    rows = votes.set_index("part")[["state", "votes", "ballots"]]
    assert rows.loc["head"].tolist() == ["turn", 2, 3]
    assert rows.loc["hip"].tolist() == ["sit", 1, 1]


def test_voting_of_empty_tables_is_empty():
    nothing = tables.empty(tables.PARSES)
    joined, votes = vote({"a": nothing, "b": nothing}, ["a", "b"], 0.8)
    assert joined.empty
    assert votes.empty


@pytest.fixture
def scores():
    rng = np.random.default_rng(0)
    videos = [f"video{i}" for i in range(40)]
    rows = []
    for method, good_at in (("first", "jump"), ("second", "run")):
        for i, video in enumerate(videos):
            action = "jump" if i % 2 else "run"
            psc = 0.8 if action == good_at else 0.3
            rows.append((method, video, action, psc + 0.01 * rng.random()))
    return pd.DataFrame(rows, columns=["method", "video", "action", "psc"])


def methods_of(chosen):
    return dict(zip(chosen["video"], chosen["method"], strict=True))


def test_each_action_gets_its_best_method(scores):
    choice = rank_methods(scores, folds=4)
    actions = pd.Series({"x": "jump", "y": "run"})
    chosen = choose_methods(choice, actions, "test", 4, ["first", "second"])
    assert methods_of(chosen) == {"x": "first", "y": "second"}
    assert chosen.set_index("video").loc["x", ["fold", "action", "videos"]].tolist() == [
        *(ALL, "jump", 20)
    ]


def test_an_action_without_evidence_takes_the_best_over_all(scores):
    scores.loc[scores["method"] == "second", "psc"] += 0.2
    choice = rank_methods(scores, folds=4)
    chosen = choose_methods(choice, pd.Series({"x": "swim"}), "test", 4, ["first", "second"])
    assert methods_of(chosen) == {"x": "second"}
    assert chosen["action"].tolist() == [EVERY_ACTION]


def test_no_evidence_at_all_takes_the_first_method(scores):
    one = scores[scores["video"] == "video0"]
    choice = rank_methods(one, folds=2)
    chosen = choose_methods(choice, pd.Series({"video0": "run"}), "val", 2, ["first", "second"])
    assert methods_of(chosen) == {"video0": "first"}
    assert chosen["videos"].tolist() == [0]
    assert method_order(choice, fold_of("video0", 2), ["first", "second"]) == ["first", "second"]


def test_what_a_val_video_scores_does_not_choose_its_method(scores):
    folds = 4
    video = "video1"
    mine = fold_of(video, folds)
    before = rank_methods(scores, folds)
    scores.loc[scores["video"] == video, "psc"] = [0.0, 1.0]
    after = rank_methods(scores, folds)

    def rows(ranking, fold):
        return ranking[ranking["fold"] == fold].reset_index(drop=True)

    pd.testing.assert_frame_equal(rows(before, mine), rows(after, mine))
    assert not rows(before, ALL).equals(rows(after, ALL))
    assert deciding_fold(pd.Series([video]), "val", folds).tolist() == [mine]
    assert deciding_fold(pd.Series([video]), "test", folds).tolist() == [ALL]


def test_chosen_rows_are_taken_whole():
    a = parses(person(1, BOX, {"head": "none"}), person(1, BOX, {"head": "none"}, video="w"))
    b = parses(person(1, FAR, {"head": "turn"}), person(1, FAR, {"head": "turn"}, video="w"))
    taken = take_chosen({"a": a, "b": b}, pd.Series({"v": "a", "w": "b"}))
    assert taken[taken["part"] == "head"].set_index("video")["state"].to_dict() == {
        "v": "none",
        "w": "turn",
    }


def test_parse_takes_the_likeliest_state():
    key = {"video": ["v"], "frame": [1], "person": [1]}
    box = {column: [float(10 * i)] for i, column in enumerate(tables.BOX)}
    persons = pd.DataFrame(key | box | {"score": [0.9], "track": [-1]})
    parts = pd.DataFrame(key | {"part": ["hip"]} | box | {"score": [0.8]})
    states = pd.DataFrame(key | {"part": ["hip"], "p_sit": [0.3], "p_none": [0.7]})
    table = tables.PARSES.validate(parse(persons, parts, states))
    assert states_of(table) == {(1, "hip"): "none"}
    assert len(table) == 2
    said = table.set_index("part")["state_probability"]
    assert said["hip"] == pytest.approx(0.7)
    assert np.isnan(said[PERSON])
