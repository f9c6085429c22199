"""What training annotations tell of states, on counts by hand."""

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.decision.priors import count_priors
from partparse.decision.state_space import StateSpace
from partparse.tables import BOX
from partparse.vocabulary import PARTS, PERSON
from tests.samples.decision import SPACE, STATES, box_at, persons_table

HEAD, HIP = PARTS.index("head"), PARTS.index("hip")
ACTIONS = ["jump", "sit"]


def annotations_of(rows):
    """ANNOTATIONS of (video, frame, person, part, state)."""
    table = pd.DataFrame(rows, columns=["video", "frame", "person", "part", "state"])
    persons = table.drop_duplicates(["video", "frame", "person"]).assign(part=PERSON, state=None)
    table = pd.concat([table, persons])
    table[BOX] = box_at(0)
    return tables.ANNOTATIONS.validate(table)


def tracked_in(annotations, track=1):
    persons = annotations[annotations["part"] == PERSON]
    return persons_table(
        [(r.video, r.frame, r.person, box_at(0), 1.0, track) for r in persons.itertuples()]
    )


def count(annotations, actions, tracked=None, videos=1e-9, pairs=1e-9):
    return count_priors(
        annotations,
        tracked_in(annotations) if tracked is None else tracked,
        pd.Series(actions),
        ACTIONS,
        SPACE,
        stride=5,
        pseudo_videos=videos,
        pseudo_pairs=pairs,
    )


LONG = [("a", frame, 1, "head", "bend") for frame in range(1, 41, 5)]
SHORT = [("b", 1, 1, "head", "turn")]
OTHER = [("c", 1, 1, "head", "none")]
ACTIONS_OF = {"a": "jump", "b": "jump", "c": "sit"}


def test_a_video_counts_once_however_long_it_is():
    found = count(annotations_of([*LONG, *SHORT, *OTHER]), ACTIONS_OF).states[HEAD]
    np.testing.assert_allclose(found, [[0.0, 0.5, 0.5], [1.0, 0.0, 0.0]], atol=1e-6)


def test_an_action_leans_on_all_actions():
    found = count(annotations_of([*LONG, *SHORT, *OTHER]), ACTIONS_OF, videos=3).states[HEAD]
    # each state has one of three videos
    np.testing.assert_allclose(found, [[1 / 5, 2 / 5, 2 / 5], [2 / 4, 1 / 4, 1 / 4]])


def test_what_nothing_is_known_of_is_uniform():
    found = count(annotations_of(SHORT), ACTIONS_OF).states
    np.testing.assert_allclose(found[HIP], 1 / 3)
    np.testing.assert_allclose(found[HEAD][1], [1 / 6, 1 / 6, 4 / 6])


def test_videos_without_a_known_action_are_left_out():
    annotations = annotations_of([*SHORT, *OTHER])
    found = count(annotations, {"b": "jump"}).states[HEAD]
    np.testing.assert_allclose(found[1], [1 / 6, 1 / 6, 4 / 6])
    unknown = count(annotations, {"b": "jump", "c": "swim"}).states[HEAD]
    np.testing.assert_allclose(unknown, found)


def test_only_pairs_a_stride_apart_in_the_same_track_count():
    rows = [
        ("a", 1, 1, "head", "none"),
        ("a", 6, 1, "head", "bend"),
        ("a", 16, 1, "head", "turn"),  # too late
        ("a", 11, 2, "head", "turn"),  # another track
        ("a", 11, 1, "hip", "turn"),  # another part
        ("b", 21, 1, "head", "turn"),  # another video
    ]
    annotations = annotations_of(rows)
    tracked = tracked_in(annotations)
    tracked.loc[tracked["person"] == 2, "track"] = 2
    found = count(annotations, {"a": "jump", "b": "jump"}, tracked)
    # none - bend, in both directions, is all that was seen
    expected = [[0, 1, 0], [1, 0, 0]]
    np.testing.assert_allclose(found.transitions[HEAD][0, :2], expected, atol=1e-6)
    np.testing.assert_allclose(found.stationary[HEAD][0], [0.5, 0.5, 0], atol=1e-6)
    joined = count(annotations, {"a": "jump", "b": "jump"}, tracked.assign(track=1))
    assert joined.transitions[HEAD][0, 1, 2] == pytest.approx(1 / 2, abs=1e-6)
    none = count(annotations, {"a": "jump", "b": "jump"}, tracked.assign(track=-1))
    np.testing.assert_allclose(none.transitions[HEAD][0], none.transitions[HEAD][1])


@pytest.fixture
def lively():
    rng = np.random.default_rng(0)
    rows = [
        (f"v{video}", frame, 1, part, STATES[rng.choice(3, p=[0.6, 0.3, 0.1])])
        for video in range(8)
        for frame in range(1, 51, 5)
        for part in ("head", "hip")
    ]
    return annotations_of(rows), {f"v{video}": ACTIONS[video % 2] for video in range(8)}


@pytest.mark.parametrize("pairs", [0.5, 20, 1000])
def test_transitions_are_reversible_and_keep_their_long_run_distribution(lively, pairs):
    annotations, actions = lively
    found = count(annotations, actions, pairs=pairs)
    for part in range(len(PARTS)):
        matrices, shares = found.transitions[part], found.stationary[part]
        np.testing.assert_allclose(matrices.sum(axis=2), 1)
        np.testing.assert_allclose(shares.sum(axis=1), 1)
        assert (matrices > 0).all()
        np.testing.assert_allclose(np.einsum("ak,akl->al", shares, matrices), shares)
        flow = shares[..., None] * matrices
        np.testing.assert_allclose(flow, flow.swapaxes(1, 2))


def test_pseudo_pairs_pull_an_action_to_all():
    lasting = [("a", frame, 1, "head", "bend") for frame in range(1, 101, 5)]
    changing = [("c", f, 1, "head", STATES[1 + i % 2]) for i, f in enumerate(range(1, 101, 5))]
    annotations = annotations_of([*lasting, *changing])
    stay = {
        pairs: count(annotations, ACTIONS_OF, pairs=pairs).transitions[HEAD][:, 1, 1]
        for pairs in (1e-9, 20, 1e9)
    }
    assert stay[1e-9] == pytest.approx([1, 0], abs=1e-6)
    assert 0.6 < stay[20][0] < 1
    assert 0 < stay[20][1] < stay[20][0]
    assert stay[1e9][0] == pytest.approx(stay[1e9][1], abs=1e-6)


def test_a_state_that_lasts_in_one_action_is_expected_to_last_in_others():
    lasting = [("a", frame, 1, "head", "bend") for frame in range(1, 201, 5)]
    found = count(annotations_of([*lasting, *OTHER]), ACTIONS_OF, pairs=20)
    assert (found.transitions[HEAD][1].diagonal() > found.stationary[HEAD][1]).all()


def test_a_part_has_the_states_that_training_gives_it():
    rows = [*SHORT, *OTHER, ("c", 1, 1, "hip", "bend")]
    space = StateSpace.of(annotations_of(rows), STATES)
    assert space.states[HEAD] == ("none", "turn")
    assert space.states[HIP] == ("bend",)
    assert space.states[1] == STATES
    assert space.sizes == [2, *[3] * 8, 1]
    parts = np.array([HEAD, HEAD, HIP, 1])
    assert space.encode(pd.Series(["turn", "bend", "bend", "bend"]), parts).tolist() == [
        1,
        -1,
        0,
        1,
    ]
