"""What is believed of a gain, and what is taken of several candidates."""

import numpy as np
import pytest
from scipy.stats import norm

from partparse.decision.gate import LUCK, Ladder, gain_of


def test_luck_of_many_videos_is_that_of_two_standard_errors():
    rng = np.random.default_rng(0)
    differences = rng.normal(0, 1, 200)
    differences -= differences.mean()
    error = differences.std(ddof=1) / np.sqrt(200)
    for errors, clear in ((1.7, False), (2.3, True)):
        gain = gain_of(differences + errors * error, np.zeros(200))
        assert gain.mean / gain.standard_error == pytest.approx(errors)
        assert gain.luck == pytest.approx(norm.sf(errors), abs=0.01)
        assert gain.is_clear == clear
    assert pytest.approx(norm.sf(2), abs=1e-4) == LUCK


@pytest.mark.parametrize("videos", range(9))
def test_with_five_videos_or_fewer_no_gain_is_clear(videos):
    gain = gain_of(np.full(videos, 0.9), np.full(videos, 0.1))
    assert gain.is_clear == (videos > 5)
    if videos > 1:
        assert gain.luck == pytest.approx(0.5**videos)


def test_videos_that_do_not_differ_say_nothing():
    five_better = np.append(np.ones(5), np.zeros(100))
    assert not gain_of(five_better, np.zeros(105)).is_clear
    assert gain_of(np.zeros(9), np.zeros(9)).luck == 1
    assert not gain_of(np.zeros(12), np.ones(12)).is_clear


def test_a_candidate_is_compared_to_the_one_that_was_taken_before():
    ladder = Ladder("states", "one", np.zeros(8))
    assert not ladder.climb("worse", np.full(8, -0.1))
    assert ladder.climb("better", np.full(8, 0.2))
    assert not ladder.climb("between", np.full(8, 0.1))
    assert not ladder.climb("forbidden", np.full(8, 0.3), provided=False)
    assert ladder.taken == "better"
    table = ladder.table()
    assert table["candidate"].tolist() == ["one", "worse", "better", "between", "forbidden"]
    assert table["better"].tolist() == [True, False, True, False, False]
    np.testing.assert_allclose(table["gain"][1:], [-0.1, 0.2, -0.1, 0.1])
