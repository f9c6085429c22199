"""What is submitted where something simpler is better on val than what was decided."""

import pandas as pd
import pytest

from partparse.decision.fallback import choose_submitted
from partparse.ensemble.folds import ALL, fold_of

VIDEOS = [f"v{number:02}" for number in range(20)]
FOLDS = 2
METHODS = ["category", "group"]


def scored(**values):
    """Scores of all: each a number for all videos, or one for each."""
    tables = [
        pd.DataFrame({"video": VIDEOS, "action": "sit", "value": value}).assign(method=method)
        for method, value in values.items()
    ]
    table = pd.concat(tables, ignore_index=True)
    return table.assign(psc=table["value"])


def decided(value):
    return pd.Series(value, index=VIDEOS, dtype=float)


def names(found):
    return {fold: one.name for fold, one in found.items()}


def test_what_was_decided_is_submitted_where_nothing_simpler_is_better():
    scores = scored(category=0.3, group=0.4, vote=0.35, by_category=0.4)
    for value in (0.4, 0.5):
        found = choose_submitted(decided(value), scores, METHODS, FOLDS)
        assert names(found) == {ALL: None, "0": None, "1": None}
    table = found[ALL].ladder.table()
    names_of = ["decided", "the best method: group", "vote", "by_category"]
    assert table["candidate"].tolist() == names_of


@pytest.mark.parametrize(
    ("vote", "by_category", "expected"),
    [(0.5, 0.5, "vote"), (0.3, 0.5, "by_category"), (0.5, 0.6, "by_category"), (0.1, 0.1, "group")],
)
def test_else_the_best_of_the_simple_ones(vote, by_category, expected):
    scores = scored(category=0.3, group=0.4, vote=vote, by_category=by_category)
    found = choose_submitted(decided(0.35), scores, METHODS, FOLDS)
    assert names(found) == dict.fromkeys((ALL, "0", "1"), expected)


def test_an_ensemble_is_not_taken_for_luck():
    lucky = [0.9, 0.9, *[0.3] * 18]  # higher on average, by two videos
    scores = scored(category=0.3, group=0.3, vote=lucky, by_category=0.3)
    found = choose_submitted(decided(0.32), scores, METHODS, FOLDS)
    assert names(found) == {ALL: None, "0": None, "1": None}


def test_the_videos_of_a_fold_are_not_asked_about_it():
    own = pd.Series([fold_of(video, FOLDS) for video in VIDEOS], index=VIDEOS)
    mine = decided(0.2).mask(own == "0", 0.6)
    scores = scored(category=0.3, group=0.3, vote=0.2, by_category=0.2)
    found = choose_submitted(mine, scores, METHODS, FOLDS)
    # what was decided is good in fold 0 alone: only there nobody knows
    assert names(found) == {ALL: None, "0": "category", "1": None}
    first = {fold: one.ladder.table()["score"][0] for fold, one in found.items()}
    assert first == pytest.approx({ALL: mine.mean(), "0": 0.2, "1": 0.6})


@pytest.mark.parametrize("count", [0, 1])
def test_hardly_a_video_to_judge_by(count):
    own = VIDEOS[:count]
    scores = scored(category=0.3, group=0.4, vote=0.5, by_category=0.5)
    few = scores[scores["video"].isin(own)]
    found = choose_submitted(decided(0.4)[:count], few, METHODS, FOLDS)
    assert names(found) == {ALL: None, "0": None, "1": None}
