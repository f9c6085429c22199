"""Who is submitted: at most ten a frame, the best, and what second boxes say."""

from dataclasses import replace

import numpy as np
import pytest

from partparse.challenge.submission import check_submission, expected_results, write_submission
from partparse.decision.evidence import FILLED, OTHER
from partparse.decision.slots import PLAIN, STEPS, SlotPolicy, assemble
from partparse.decision.stacking import ChosenStates
from partparse.tables import BOX
from partparse.vocabulary import PARTS, PERSON
from tests.samples.decision import SPACE, STATES, box_at, boxes_of, evidence_of, persons_table

HEAD = PARTS.index("head")
ALL = SlotPolicy(*[True] * len(STEPS))


def submitted(evidence, policy, states=None, **chances):
    """The PARSES table; by default person n has state n of three, in turn."""
    states = np.arange(len(evidence)) % 3 if states is None else np.asarray(states)
    states = np.repeat(states[:, None], len(PARTS), axis=1)
    chosen = ChosenStates(states, (np.arange(states.size).reshape(states.shape) + 1) / states.size)
    return assemble(evidence, SPACE, chosen, boxes_of(evidence, **chances), policy)


def numbers(parses, frame=1):
    rows = parses[(parses["part"] == PERSON) & (parses["frame"] == frame)]
    return sorted(rows["person"])


def heads(parses):
    rows = parses[parses["part"] == "head"]
    return {row.person: (row.state, row.x1) for row in rows.itertuples()}


@pytest.fixture
def crowd():
    """Thirteen persons apart; the later, the better by score and the worse by chance."""
    rows = [("a", 1, n, box_at(100 * n), 0.5 + n / 100) for n in range(1, 14)]
    return evidence_of(persons_table([*rows, ("a", 6, 1, box_at(0), 0.9)]))


def test_the_ten_of_highest_score_are_submitted(crowd):
    parses = submitted(crowd, PLAIN, matched=np.linspace(0.9, 0.1, 14))
    assert numbers(parses) == list(range(4, 14))
    assert numbers(parses, 6) == [1]
    assert len(parses) == 11 * (1 + len(PARTS))


def test_or_those_that_most_likely_match(crowd):
    ranked = replace(PLAIN, ranked=True)
    parses = submitted(crowd, ranked, matched=np.linspace(0.9, 0.1, 14))
    assert numbers(parses) == list(range(1, 11))
    rows = parses[(parses["part"] == PERSON) & (parses["frame"] == 1)]
    assert rows.sort_values("score", ascending=False)["person"].tolist() == list(range(1, 11))


def test_persons_of_others_and_filled_ones_are_submitted_if_the_policy_says_so(crowd):
    origin = np.zeros(14, int)
    origin[[8, 9]], origin[10] = OTHER, FILLED
    evidence = replace(crowd, origin=origin)
    left_out = {9, 10, 11}
    assert numbers(submitted(evidence, PLAIN)) == sorted({*range(1, 14)} - left_out)
    others = replace(PLAIN, others=True)
    assert 11 not in numbers(submitted(evidence, others))
    assert {9, 10} < {*numbers(submitted(evidence, others))}
    filled = replace(PLAIN, filled=True)
    assert {9, 10, 11} & {*numbers(submitted(evidence, filled))} == {11}


@pytest.fixture
def pair():
    """A person, a second box about it, a third about the second, and one apart."""
    rows = [
        ("a", 1, 1, box_at(0), 0.9),
        ("a", 1, 2, box_at(10), 0.8),
        ("a", 1, 3, box_at(25), 0.7),
        ("a", 1, 4, box_at(400), 0.6),
    ]
    return evidence_of(persons_table(rows))


def test_tied_persons_say_what_the_better_one_says(pair):
    apart = heads(submitted(pair, PLAIN, [0, 1, 2, 1]))
    assert apart == {1: ("none", 0), 2: ("bend", 10), 3: ("turn", 25), 4: ("bend", 400)}
    parses = submitted(pair, replace(PLAIN, tied=True), [0, 1, 2, 1])
    assert heads(parses) == {1: ("none", 0), 2: ("none", 0), 3: ("none", 0), 4: ("bend", 400)}
    own = parses[parses["part"] == PERSON].set_index("person")["x1"]
    assert own.to_dict() == {1: 0, 2: 10, 3: 25, 4: 400}


def test_a_person_that_is_not_submitted_does_not_speak_for_others(pair):
    other = replace(pair, origin=np.array([OTHER, 0, 0, 0]))
    parses = submitted(other, replace(PLAIN, tied=True), [0, 1, 2, 1])
    assert heads(parses) == {2: ("bend", 10), 3: ("bend", 10), 4: ("bend", 400)}


def test_free_slots_take_the_hypothesis_that_differs_most():
    evidence = evidence_of(persons_table([("a", 1, 1, box_at(0), 0.9), ("a", 1, 2, box_at(300))]))
    second = np.array([box_at(10), [np.nan] * 4])  # IoU 2/3
    third = np.array([box_at(16), box_at(301)])  # IoU 34/66; almost the same
    far = np.array([box_at(30), box_at(600)])  # IoU 1/4
    evidence = replace(
        evidence, person_boxes=np.stack([evidence.person_boxes[0], second, third, far])
    )
    parses = submitted(evidence, replace(PLAIN, doubled=True), [1, 2])
    rows = parses[parses["part"] == PERSON].sort_values("x1")
    assert rows["x1"].tolist() == [0, 16, 300]
    assert rows["person"].nunique() == 3
    double = rows["person"].iloc[1]
    assert heads(parses)[double] == ("bend", 0)
    assert rows["score"].iloc[1] < rows["score"].min() + 1e-9


def test_doubles_take_no_slot_of_a_person(crowd):
    evidence = replace(
        crowd, person_boxes=np.stack([crowd.person_boxes[0], crowd.person_boxes[0] + [9, 0, 9, 0]])
    )
    parses = submitted(evidence, replace(PLAIN, doubled=True))
    assert numbers(parses) == list(range(4, 14))
    assert len(numbers(parses, 6)) == 2


def test_numbers_do_not_depend_on_other_frames():
    rows = [("a", 1, 1, box_at(0)), *(("b", 1, n, box_at(200 * n)) for n in range(1, 4))]
    evidence = evidence_of(persons_table(rows))
    evidence = replace(
        evidence,
        person_boxes=np.stack([evidence.person_boxes[0], evidence.person_boxes[0] + [9, 0, 9, 0]]),
    )
    doubled = replace(PLAIN, doubled=True)
    together, alone = (
        numbers(table[table["video"] == "a"])
        for table in (submitted(evidence, doubled), submitted(evidence.take([0]), doubled))
    )
    assert together == alone
    assert len(alone) == 2


def test_parts_without_a_box_are_left_out(pair):
    pair.part_boxes[0, 2, HEAD] = np.nan
    parses = submitted(pair, PLAIN)
    assert sorted(heads(parses)) == [1, 2, 4]
    assert len(parses) == 4 * (1 + len(PARTS)) - 1


@pytest.mark.parametrize("policy", [PLAIN, ALL])
def test_what_is_assembled_can_be_submitted(crowd, policy, tmp_path):
    second = crowd.person_boxes[0] + [9, 0, 9, 0]
    evidence = replace(crowd, person_boxes=np.stack([crowd.person_boxes[0], second]))
    parses = submitted(evidence, policy, matched=np.linspace(1, 0, 14))
    persons = parses[parses["part"] == PERSON]
    assert persons.groupby(["video", "frame"]).size().max() == 10
    assert not parses.duplicated(["video", "frame", "person", "part"]).any()
    assert (parses["x2"] >= parses["x1"]).all() and set(BOX) < set(parses)
    assert set(parses["state"].dropna()) <= set(STATES)
    lengths = persons[["video"]].drop_duplicates().assign(frames=6)
    actions = lengths[["video"]].assign(action="jump")
    write_submission(tmp_path, parses, actions, lengths)
    faults = check_submission(tmp_path, expected_results(lengths, 5))
    assert not faults


def test_no_persons_are_an_empty_table():
    evidence = evidence_of(persons_table([("a", 1, 1, box_at(0))])).take(np.zeros(1, bool))
    for policy in (PLAIN, ALL):
        assert submitted(evidence, policy).empty
