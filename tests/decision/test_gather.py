"""Tables brought together: whose row is whose, and what the truth says of each person."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.decision.evidence import GIVEN, OTHER, join, of_videos
from partparse.decision.gather import (
    Source,
    Tables,
    box_sources,
    find_persons,
    gather,
    method_names,
)
from partparse.decision.labels import label
from partparse.decision.state_space import StateSpace
from partparse.errors import InputError
from partparse.row_keys import codes, find
from partparse.tables import BOX
from partparse.vocabulary import PARTS, PERSON
from tests.samples.decision import SPACE, STATES, box_at, evidence_of, persons_table

HEAD, HIP = PARTS.index("head"), PARTS.index("hip")
ACTIONS = ("jump", "sit")
PERSONS = persons_table(
    [
        ("a", 1, 1, box_at(0), 0.9),
        ("a", 1, 2, box_at(200), 0.8),
        ("b", 1, 1, box_at(0), 0.7),
        ("b", 6, 3, box_at(10), 0.6),
    ]
)


def parts_of(rows):
    """PARTS_TABLE of (video, frame, person, part, box, score)."""
    table = pd.DataFrame(
        [(*row[:4], *row[4], row[5]) for row in rows],
        columns=["video", "frame", "person", "part", *BOX, "score"],
    )
    return tables.PARTS_TABLE.validate(table)


def states_of(rows, names=STATES):
    """STATES of (video, frame, person, part, probabilities)."""
    table = pd.DataFrame([row[:4] for row in rows], columns=["video", "frame", "person", "part"])
    values = np.array([row[4] for row in rows], np.float32)
    columns = pd.DataFrame(values, columns=tables.probability_columns(names))
    return tables.STATES.validate(pd.concat([table, columns], axis=1))


def actions_of(**videos):
    columns = pd.DataFrame(list(videos.values()), columns=tables.probability_columns(ACTIONS))
    return tables.ACTIONS.validate(
        pd.concat([pd.DataFrame({"video": list(videos)}), columns], axis=1)
    )


GIVEN_TABLES = Tables(
    persons=PERSONS,
    parts={
        "dots": parts_of(
            [("a", 1, 2, "head", box_at(210), 0.4), ("b", 6, 3, "hip", box_at(20), 0.3)]
        )
    },
    states={
        "group": states_of(
            [("b", 6, 3, "head", (0.7, 0.2, 0.1)), ("a", 1, 1, "head", (0.1, 0.3, 0.6))]
        )
    },
    actions={"net": actions_of(b=(0.2, 0.8), a=(0.6, 0.4))},
)


def gathered(**changes):
    return gather(replace(GIVEN_TABLES, **changes), ["b", "a"], ACTIONS, SPACE)


def test_every_row_finds_its_person():
    evidence = gathered()
    assert evidence.videos == ("a", "b")
    assert evidence.video.tolist() == [0, 0, 1, 1]
    assert evidence.frame.tolist() == [0, 0, 1, 2]
    assert len(evidence) == 4
    np.testing.assert_allclose(
        np.exp(evidence.states[HEAD][0, [0, 3]]), [(0.1, 0.3, 0.6), (0.7, 0.2, 0.1)], rtol=1e-5
    )
    assert np.isnan(evidence.states[HEAD][0, 1:3]).all()
    assert np.isnan(evidence.states[HIP]).all()
    np.testing.assert_array_equal(
        evidence.part_boxes[0, [1, 3], [HEAD, HIP]], [box_at(210), box_at(20)]
    )
    np.testing.assert_allclose(evidence.part_scores[0, [1, 3], [HEAD, HIP]], [0.4, 0.3])
    assert np.isfinite(evidence.part_scores).sum() == 2
    np.testing.assert_allclose(evidence.actions, [[[0.6, 0.4], [0.2, 0.8]]], rtol=1e-6)
    assert (evidence.origin == GIVEN).all()
    assert (evidence.persons["track"] == -1).all()


def test_what_was_chosen_among_detectors_is_heard_once():
    """Of video a the chosen boxes are those of `dots`, of video b those of `plain`."""
    dots = [("a", 1, 2, "head", box_at(210), 0.4), ("b", 6, 3, "hip", box_at(20), 0.3)]
    plain = [("a", 1, 2, "head", box_at(215), 0.6), ("b", 6, 3, "hip", box_at(25), 0.7)]
    rows = {"best": [dots[0], plain[1]], "dots": dots, "plain": plain}
    evidence = gathered(parts={name: parts_of(own) for name, own in rows.items()})
    places = [1, 3], [HEAD, HIP]
    for source, expected in enumerate(([0.4, 0.7], [np.nan, 0.3], [0.6, np.nan])):
        np.testing.assert_allclose(evidence.part_scores[source][places], expected)
        held = np.isfinite(evidence.part_boxes[source][places])
        np.testing.assert_array_equal(held, np.isfinite(expected)[:, None].repeat(4, axis=1))


def test_the_order_of_rows_and_columns_does_not_matter():
    columns = ["video", "frame", "person", "part", "p_turn", "p_none", "p_bend"]
    shuffled = gathered(
        persons=PERSONS.iloc[[2, 0, 3, 1]],
        parts={"dots": GIVEN_TABLES.parts["dots"].iloc[::-1]},
        states={"group": GIVEN_TABLES.states["group"].iloc[::-1][columns]},
        actions={"net": GIVEN_TABLES.actions["net"].iloc[::-1][["video", "p_sit", "p_jump"]]},
    )
    evidence = gathered()
    pd.testing.assert_frame_equal(shuffled.persons, evidence.persons)
    for name in ("part_boxes", "part_scores", "actions", "quality", "person_boxes"):
        np.testing.assert_array_equal(getattr(shuffled, name), getattr(evidence, name))
    np.testing.assert_array_equal(shuffled.states[HEAD], evidence.states[HEAD])


@pytest.mark.parametrize("left", [["a"], ["b"], ["a", "c"], ["b", "c"]])
def test_rows_of_other_videos_are_left_out(left):
    more = persons_table([("c", frame, 1, box_at(50), 0.5) for frame in (1, 6, 11)])
    persons = pd.concat([PERSONS, more], ignore_index=True)
    given = replace(
        GIVEN_TABLES,
        persons=persons,
        tracks=persons.assign(track=np.arange(7, dtype=np.int32)),
        actions={"net": actions_of(a=(0.6, 0.4), b=(0.2, 0.8), c=(0.5, 0.5))},
    )
    whole = gather(given, ["a", "b", "c"], ACTIONS, SPACE)
    some = gather(given, left, ACTIONS, SPACE)
    expected = of_videos(whole, left)
    pd.testing.assert_frame_equal(some.persons, expected.persons)
    for name in ("origin", "video", "person_boxes", "part_boxes", "actions"):
        np.testing.assert_array_equal(getattr(some, name), getattr(expected, name))
    np.testing.assert_array_equal(some.states[HEAD], expected.states[HEAD])


def test_states_that_a_part_never_has_are_shared_out():
    space = StateSpace((("none", "turn"), *[STATES] * 9))
    evidence = gather(GIVEN_TABLES, ["a"], ACTIONS, space)
    np.testing.assert_allclose(np.exp(evidence.states[HEAD][0, 0]), [1 / 7, 6 / 7], rtol=1e-5)


def test_a_state_that_is_ruled_out_is_still_finite():
    states = {"group": states_of([("a", 1, 1, "head", (1, 0, 0))])}
    said = gathered(states=states).states[HEAD][0, 0]
    assert np.isfinite(said).all()
    assert said.argmax() == 0


def test_boxes_before_they_grew_and_tracks_are_told_by_their_numbers():
    detected = PERSONS.iloc[[3, 0]].assign(x2=30)
    tracks = PERSONS.iloc[[1, 2]].assign(track=[4, 5])
    between = tables.PERSONS.validate(tracks.assign(frame=3, track=9))
    evidence = gathered(detected=detected, tracks=pd.concat([between, tracks]))
    np.testing.assert_array_equal(evidence.person_boxes[0, :, 2], PERSONS["x2"])
    np.testing.assert_array_equal(evidence.person_boxes[1, :, 2], [30, np.nan, np.nan, 30])
    assert evidence.persons["track"].tolist() == [-1, 4, 5, -1]


def test_keypoints_are_told_by_their_numbers():
    points = np.arange(2 * 17 * 3).reshape(2, 17, 3)
    keypoints = tables.unpack_keypoints(PERSONS.iloc[[3, 1]], points)
    found = gathered(keypoints=keypoints).keypoints
    np.testing.assert_array_equal(found[[3, 1]], points)
    assert np.isnan(found[[0, 2]]).all()


def test_persons_are_matched_one_to_one_by_overlap():
    found = persons_table(
        [
            ("a", 1, 1, box_at(210)),
            ("a", 1, 2, box_at(205)),  # closer
            ("a", 1, 3, box_at(30)),  # IoU 20 / 80
            ("a", 6, 4, box_at(0)),  # another frame
            ("b", 6, 5, box_at(10)),
            ("c", 1, 6, box_at(0)),
        ]
    )
    assert find_persons(found, PERSONS, ["a", "b"]).tolist() == [-1, 1, -1, -1, 3, -1]


OWN = persons_table(
    [
        ("b", 6, 8, box_at(10, 4), 0.5),
        ("a", 1, 1, box_at(600), 0.2),
        ("a", 1, 2, box_at(800), 0.4),
        ("a", 1, 3, box_at(203), 0.9),
        ("b", 11, 1, box_at(5), 0.9),
    ]
)
OWN_PARTS = parts_of(
    [(r.video, r.frame, r.person, "hip", box_at(r.x1 + 3), 0.5) for r in OWN.itertuples()]
)


def test_persons_that_only_another_detector_has_come_after_the_others():
    states = states_of([("a", 1, 2, "hip", (0.2, 0.3, 0.5)), ("b", 6, 8, "hip", (0.6, 0.3, 0.1))])
    evidence = gathered(sources={"onestage": Source(OWN, OWN_PARTS, states)})
    keys = evidence.persons[["video", "frame", "person"]].to_numpy().tolist()
    assert keys == [
        *(["a", 1, 1], ["a", 1, 2], ["a", 1, 3], ["a", 1, 4]),
        *(["b", 1, 1], ["b", 6, 3], ["b", 11, 1]),
    ]
    assert evidence.origin.tolist() == [GIVEN, GIVEN, OTHER, OTHER, GIVEN, GIVEN, OTHER]
    # the better one of a frame first
    assert evidence.persons["x1"].tolist() == [0, 200, 800, 600, 0, 10, 5]
    np.testing.assert_array_equal(
        evidence.person_boxes[1, :, 0], [np.nan, 203, 800, 600, np.nan, 10, 5]
    )
    np.testing.assert_array_equal(
        evidence.part_boxes[1, :, HIP, 0], [np.nan, 206, 803, 603, np.nan, 13, 8]
    )
    assert np.isnan(evidence.part_boxes[1, :, HEAD]).all()
    assert np.isnan(evidence.part_boxes[0, evidence.origin == OTHER]).all()
    said = np.exp(evidence.states[HIP])
    assert said.shape[0] == 2
    np.testing.assert_allclose(said[1, [2, 5]], [(0.2, 0.3, 0.5), (0.6, 0.3, 0.1)], rtol=1e-5)
    assert np.isnan(said[1, [0, 1, 3, 4, 6]]).all()


def test_a_source_without_parts_adds_no_persons():
    evidence = gathered(sources={"mirrored": Source(OWN)})
    assert len(evidence) == 4
    np.testing.assert_array_equal(evidence.person_boxes[1, :, 0], [np.nan, 203, np.nan, 10])
    assert len(evidence.part_boxes) == 1


def test_names_are_in_the_order_of_the_arrays():
    sources = {
        "mirrored": Source(OWN),
        "plain": Source(OWN, OWN_PARTS),
        "onestage": Source(OWN, OWN_PARTS, states_of([("a", 1, 2, "hip", (1, 0, 0))])),
    }
    given = replace(GIVEN_TABLES, sources=sources)
    assert method_names(given) == ["group", "onestage"]
    assert box_sources(given) == ["dots", "plain", "onestage"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"actions": {"net": actions_of(a=(1, 0))}}, "actions of net: no video 'b'"),
        (
            {"actions": {"net": actions_of(a=(1, 0), b=(1, 0)).rename(columns={"p_sit": "p_run"})}},
            "actions of net: no column p_sit",
        ),
        (
            {"states": {"group": states_of([("a", 1, 1, "head", (0.5, 0.5))], STATES[:2])}},
            "no column for turn",
        ),
    ],
)
def test_what_is_missing_is_named(changes, message):
    with pytest.raises(InputError, match=message):
        gathered(**changes)


def test_evidence_of_shards_is_that_of_the_whole():
    whole = gathered(sources={"onestage": Source(OWN, OWN_PARTS)})
    for shards in (["a", "b"], ["b", "a"]):
        joined = join([of_videos(whole, [video]) for video in shards])
        pd.testing.assert_frame_equal(joined.persons, whole.persons)
        assert joined.videos == whole.videos
        for name, values in vars(whole).items():
            if isinstance(values, np.ndarray):
                np.testing.assert_array_equal(getattr(joined, name), values, err_msg=name)
        for part, expected in zip(joined.states, whole.states, strict=True):
            np.testing.assert_array_equal(part, expected)


def test_codes_and_places():
    assert codes(pd.Series(["b", None, "x", "a"]), ["a", "b"]).tolist() == [1, -1, -1, 0]
    assert find(np.array([5, 2, 9]), np.array([2, 4, 5])).tolist() == [2, 0, -1]
    assert find(np.array([5]), np.array([], np.int64)).tolist() == [-1]


def truth_of(*persons):
    """ANNOTATIONS of (video, frame, person, box, {part: state}); a part's box is its person's."""
    rows = [
        (video, frame, person, part, state, *box)
        for video, frame, person, box, states in persons
        for part, state in ((PERSON, None), *states.items())
    ]
    columns = ["video", "frame", "person", "part", "state", *BOX]
    return tables.ANNOTATIONS.validate(pd.DataFrame(rows, columns=columns))


TRUTH = truth_of(
    ("a", 1, 5, box_at(203), {"head": "turn", "hip": "none"}),
    ("a", 1, 6, box_at(700), {"head": "none"}),
    ("a", 6, 1, box_at(0), {"head": "none", "hip": "none"}),
    ("b", 1, 1, box_at(20), {"hip": "bend"}),
    ("b", 6, 1, box_at(10), {"head": "odd", "hip": "turn"}),
)


def labelled(evidence=None, **actions):
    return label(
        evidence or evidence_of(PERSONS), TRUTH, pd.Series(actions, dtype=str), ACTIONS, SPACE
    )


def test_labels_are_those_of_the_metrics_match():
    labels = labelled(a="sit", b="jump")
    assert labels.matched.tolist() == [False, True, False, True]
    assert labels.states[1].tolist() == [2, *[-1] * 8, 0]
    assert labels.states[3].tolist() == [*[-1] * 9, 2]  # of a state that is unknown, none
    assert (labels.states[[0, 2]] == -1).all()
    np.testing.assert_array_equal(labels.part_boxes[1, HIP], box_at(203))
    assert np.isnan(labels.part_boxes[[0, 2]]).all()
    assert labels.actions.tolist() == [1, 0]
    # too little overlap for a match, but it is the one that is assigned
    np.testing.assert_array_equal(labels.person_boxes[2], box_at(20))
    assert np.isnan(labels.person_boxes[0]).all()


def test_weights_sum_to_the_share_of_the_matched_parts():
    labels = labelled(a="sit", b="jump")
    per_video = np.bincount(evidence_of(PERSONS).video, labels.weights.sum(axis=1))
    # in a: two of the three parts of one of two frames; in b: one frame of two
    np.testing.assert_allclose(per_video, [2 / 3 / 2, 1 / 2])
    np.testing.assert_allclose(labels.weights[3, [HEAD, HIP]], 1 / 4)
    all_found = [
        (r.video, r.frame, r.person, tuple(getattr(r, side) for side in BOX))
        for r in TRUTH[TRUTH["part"] == PERSON].itertuples()
    ]
    evidence = evidence_of(persons_table(all_found))
    labels = labelled(evidence, a="sit", b="jump")
    np.testing.assert_allclose(np.bincount(evidence.video, labels.weights.sum(axis=1)), 1)


def test_an_action_that_is_not_known_has_no_number():
    assert labelled(a="swim").actions.tolist() == [-1, -1]


def test_a_part_without_its_person_is_named():
    orphan = TRUTH[(TRUTH["part"] != PERSON) | (TRUTH["video"] != "b")]
    with pytest.raises(InputError, match=r"annotations: .*video b"):
        label(evidence_of(PERSONS), orphan, pd.Series({"a": "sit"}), ACTIONS, SPACE)


def test_labels_of_some_are_some_of_the_labels():
    labels = labelled(a="sit", b="jump")
    some = labels.take(np.array([False, True, False, True]))
    np.testing.assert_array_equal(some.states, labels.states[[1, 3]])
    np.testing.assert_array_equal(some.weights, labels.weights[[1, 3]])
    assert some.actions is labels.actions
