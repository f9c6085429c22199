"""States over time: the hidden Markov model against an enumeration of all paths."""

from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

from partparse.decision import smoothing
from partparse.decision.labels import Labels
from partparse.decision.priors import Priors
from partparse.decision.smoothing import Chains, link, smooth
from partparse.decision.time import StateTime, Timeline, fit_state_time, follow, smooth_parts
from partparse.vocabulary import PARTS
from tests.samples.decision import box_at, evidence_of, persons_table

JOINT = np.array([[[0.5, 0.1], [0.1, 0.3]], [[0.2, 0.2], [0.2, 0.4]]])
"""(actions, K, K) probabilities of a state and the next one: the same in both directions."""
PRIOR = JOINT.sum(axis=2)
TRANSITIONS = JOINT / PRIOR[..., None]
POSTERIOR = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7], [0.5, 0.5]])


def enumerate_paths(rows, action):
    """Marginals of a chain: every path weighed by its probability and what was seen."""
    marginal = np.zeros((len(rows), 2))
    for path in product(range(2), repeat=len(rows)):
        weight = PRIOR[action][path[0]]
        for now, then in pairwise(path):
            weight *= TRANSITIONS[action][now, then]
        for row, state in zip(rows, path, strict=True):
            if row >= 0:
                weight *= POSTERIOR[row, state] / PRIOR[action][state]
        marginal[np.arange(len(rows)), path] += weight
    return marginal / marginal.sum(axis=1, keepdims=True)


def chains_of(*rows):
    longest = max(map(len, rows))
    padded = [[*row, *[-1] * (longest - len(row))] for row in rows]
    return Chains(np.array(padded), np.ones(len(rows), int), np.array([len(r) for r in rows]))


def run(chains, action, **options):
    return smooth(POSTERIOR, PRIOR, TRANSITIONS, np.array(action), chains=chains, **options)


@pytest.fixture
def exact(monkeypatch):
    monkeypatch.setattr(smoothing, "_DOUBT", 0)


def test_the_marginals_are_those_of_all_paths(exact):
    first, second = [3, -1, 0, 1], [4, 2]
    found = run(chains_of(first, second), [0, 1])
    np.testing.assert_allclose(found[0], enumerate_paths(first, 0))
    np.testing.assert_allclose(found[1, :2], enumerate_paths(second, 1))


def test_a_gap_is_a_power_of_the_transitions(exact):
    found = run(chains_of([0, -1, -1, 4]), [0])
    moved = POSTERIOR[0] @ np.linalg.matrix_power(TRANSITIONS[0], 3)
    expected = moved * POSTERIOR[4] / PRIOR[0]
    np.testing.assert_allclose(found[0, 3], expected / expected.sum())


def test_steps_beyond_the_end_go_on_without_evidence(exact):
    found = run(chains_of([0, 1, 2], [3]), [0, 1])
    np.testing.assert_allclose(found[1, 0], POSTERIOR[3])
    np.testing.assert_allclose(found[1, 1], POSTERIOR[3] @ TRANSITIONS[1])


def test_without_trust_each_moment_stands_alone():
    found = run(chains_of([0, 1, -1, 2]), [1], trust=0.0)
    np.testing.assert_allclose(found[0, [0, 1, 3]], POSTERIOR[:3])


def test_more_trust_lets_neighbours_say_more():
    alone, some, full = (
        run(chains_of([2, 1, 3]), [0], trust=trust)[0, 0, 0] for trust in (0.0, 0.5, 1.0)
    )
    assert alone > some > full  # both neighbours are for the other state


def test_chains_follow_the_tracks():
    persons = persons_table(
        [
            ("a", 11, 1, box_at(0), 0.9, 7),
            ("a", 1, 1, box_at(0), 0.9, 7),
            ("a", 1, 2, box_at(0), 0.9, 8),  # found once
            ("b", 6, 1, box_at(0), 0.9, 7),
            ("b", 11, 1, box_at(0), 0.9, 7),
            ("b", 11, 2, box_at(0), 0.9, -1),
        ]
    )
    chains = link(persons, 5)
    assert chains.rows.tolist() == [[1, -1, 0], [3, 4, -1]]
    assert chains.start.tolist() == [1, 6]
    assert chains.length.tolist() == [3, 2]


def test_frames_between_those_a_stride_apart_are_chains_of_their_own():
    frames = (1, 2, 3, 6, 7, 12)
    persons = persons_table([("a", frame, 1, box_at(0), 0.9, 7) for frame in frames])
    chains = link(persons, 5)
    assert chains.rows.tolist() == [[0, 3, -1], [1, 4, 5]]
    assert chains.start.tolist() == [1, 2]


def test_no_tracks_are_no_chains():
    persons = persons_table([("a", 1, 1, box_at(0)), ("a", 6, 1, box_at(0))])
    assert link(persons, 5).rows.size == 0
    evidence = evidence_of(persons)
    timeline = follow(evidence, Priors([], [], []), np.array([0]), 5)
    shares = [np.full((2, 2), 0.5)] * len(PARTS)
    assert smooth_parts(shares, timeline, 1.0) is shares


def timeline_of(rows, actions):
    evidence = evidence_of(persons_table(rows))
    priors = Priors([PRIOR] * 10, [TRANSITIONS] * 10, [PRIOR] * 10)
    return follow(evidence, priors, np.array(actions), 5)


def test_the_order_of_videos_does_not_matter():
    of_a = [("a", frame, 1, box_at(0), 0.9, 1) for frame in (1, 6, 16)]
    of_b = [("b", frame, 1, box_at(0), 0.9, 1) for frame in (6, 11)]
    forth = smooth_parts([POSTERIOR] * 10, timeline_of([*of_a, *of_b], [0, 1]), 0.7)[3]
    # the same under names that sort the other way
    renamed = [("z", *row[1:]) for row in of_a]
    swapped = np.roll(POSTERIOR, 2, axis=0)
    back = smooth_parts([swapped] * 10, timeline_of([*renamed, *of_b], [1, 0]), 0.7)[3]
    np.testing.assert_allclose(back, np.roll(forth, 2, axis=0))
    assert not np.allclose(forth, POSTERIOR)


def test_persons_out_of_tracks_keep_what_was_said():
    rows = [("a", frame, 1, box_at(0), 0.9, 1 if frame < 9 else -1) for frame in (1, 6, 11, 16, 21)]
    smoothed = smooth_parts([POSTERIOR] * 10, timeline_of(rows, [0]), 1.0)[0]
    np.testing.assert_array_equal(smoothed[2:], POSTERIOR[2:])
    assert not np.allclose(smoothed[:2], POSTERIOR[:2])


def labels_of(states):
    states = np.repeat(np.asarray(states)[:, None], len(PARTS), axis=1)
    count = len(states)
    return Labels(
        np.ones(count, bool),
        np.zeros((count, 4)),
        states,
        np.zeros((*states.shape, 4)),
        np.ones(states.shape),
        np.ones(states.shape, bool),
        np.zeros(60, int),
    )


def test_smoothing_is_chosen_where_states_last_and_left_out_where_they_do_not():
    rng = np.random.default_rng(0)
    rows = [(f"v{n:03}", frame, 1, box_at(0), 0.9, 1) for n in range(60) for frame in (1, 6, 11)]
    lasting = np.array([[0.45, 0.05], [0.05, 0.45]])[None]
    chains = link(persons_table(rows), 5)
    priors = Priors([np.full((1, 2), 0.5)] * 10, [lasting * 2] * 10, [np.full((1, 2), 0.5)] * 10)
    timeline = Timeline(chains, np.zeros(60, int), priors)
    for truth, smoothed in (
        (np.repeat(rng.integers(2, size=60), 3), True),
        (np.tile([0, 1, 0], 60), False),
    ):
        right = np.where(rng.random(180) < 0.75, truth, 1 - truth)
        shares = [np.where(np.eye(2, dtype=bool)[right], 0.75, 0.25)] * 10
        video = np.arange(180) // 3
        time, ladder, trials = fit_state_time(
            shares, timeline, labels_of(truth), video, smoothed=True
        )
        assert (ladder.taken != "each frame alone") == smoothed
        assert (time.trust is not None) == smoothed
        assert trials["log_loss"].idxmin() == trials["chosen"].idxmax()
        assert trials["chosen"].sum() == 1
    alone, _, _ = fit_state_time(shares, timeline, labels_of(truth), video, smoothed=False)
    assert alone.trust is None


def test_a_temperature_of_2_takes_the_root():
    time = StateTime(None, float(np.log(2)))
    unused: Any = None
    changed = time.apply([np.array([[0.8, 0.2]])] * 10, unused)[0]
    np.testing.assert_allclose(changed, [[2 / 3, 1 / 3]])
