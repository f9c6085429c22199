"""The action and the states with the highest expected score, against trying them all."""

from dataclasses import replace

import numpy as np
import pytest

from partparse.decision import decide as decision
from partparse.decision.action import ActionPool
from partparse.decision.box_fusion import ERRORS, BoxFusion
from partparse.decision.boxes import BoxModel
from partparse.decision.calibration import no_temperatures
from partparse.decision.chances import Logistic
from partparse.decision.decide import decide, decide_states, expected_psc, prior_shares
from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.decision.pooling import LogPool
from partparse.decision.priors import Priors
from partparse.decision.slots import PLAIN
from partparse.decision.stacking import Stack, likeliest_states
from partparse.decision.time import StateTime
from partparse.metric.rows import evaluate_tables
from partparse.tables import predicted_action
from partparse.vocabulary import PARTS, PERSON
from tests.samples.decision import SPACE, box_at, boxes_of, evidence_of, persons_table

ACTIONS = ("jump", "sit", "walk")
TEN = len(PARTS)


def test_the_expected_psc_by_hand():
    evidence = evidence_of(
        persons_table(
            [
                ("a", 1, 1, box_at(0)),
                ("a", 1, 2, box_at(200)),
                ("a", 6, 1, box_at(0)),
                ("b", 1, 1, box_at(0)),
            ]
        ),
        videos=("a", "b", "c"),
    )
    boxes = boxes_of(evidence, matched=[1.0, 0.5, 0.2, 1.0], hit=0.8)
    chance = np.repeat([[0.9], [0.3], [0.5], [1.0]], TEN, axis=1)
    boxes.annotated[3, 5:] = 0
    chance[3, :5] = np.linspace(0, 1, 5)
    frames = [0.8 * (0.9 + 0.5 * 0.3) / 1.5, 0.8 * 0.5]
    found = expected_psc(evidence, boxes, chance, 0.7)
    np.testing.assert_allclose(found, [0.7 * float(np.mean(frames)), 0.7 * 0.8 * 0.5, 0.0])


def constant(features, value):
    return Logistic(np.zeros(features), np.ones(features), np.zeros(features), value)


MODEL = DecisionModel(
    actions=ActionPool(no_temperatures(1, 1), None),
    stack=Stack(
        no_temperatures(1, TEN),
        # the method, and what the action says
        None,
        LogPool(np.array([1.0, 1.0]), np.zeros((TEN, 2)), np.zeros((4, 2)), [np.zeros(3)] * TEN),
        None,
        np.zeros(4),
        np.ones(4),
    ),
    time=StateTime(0.5, 0.0),
    boxes=BoxModel(
        "first",
        BoxFusion(0.5, np.zeros((1, 3)), np.zeros((1, 1, ERRORS, 4)), np.ones(1)),
        BoxFusion(0.3, np.zeros((1, 12)), np.zeros((1, TEN, ERRORS, 4)), np.ones(TEN)),
        matched=constant(8, 1.5),
        annotated=constant(17, 1.0),
        hit=constant(17, 4.0),
    ),
    found=0.95,
    policy=PLAIN,
    joint=True,
)


@pytest.fixture(scope="module")
def world():
    """Sixty videos with three frames, in which the states may speak against the action."""
    rng = np.random.default_rng(0)
    rows = [
        (f"v{video:02}", frame, person, box_at(300 * person), 0.9, person)
        for video in range(60)
        for frame in (1, 6, 11)
        for person in (1, 2)
    ]
    said = rng.dirichlet(np.full(3, 0.3), (1, len(rows)))
    actions = rng.dirichlet(np.full(3, 5.0), (1, 60))
    evidence = evidence_of(persons_table(rows), np.maximum(said, 1e-4), np.maximum(actions, 1e-4))
    joint = rng.dirichlet(np.full(9, 0.4), 3).reshape(3, 3, 3) + 0.01
    joint = joint + joint.swapaxes(1, 2)
    marginal = joint.sum(axis=2)
    shares = marginal / marginal.sum(axis=1, keepdims=True)
    priors = Priors([shares] * TEN, [joint / marginal[..., None]] * TEN, [shares] * TEN)
    return evidence, TrainingStatistics(
        ACTIONS, ("group",), ("net",), ("dots",), SPACE, priors, None, 5
    )


def decide_alone(evidence, statistics, action):
    """Chosen states, and P(action) E[PSC | action], if all videos are taken to show one action."""
    number = np.full(len(evidence.videos), action)
    prior = prior_shares(np.eye(3)[number], evidence.video, statistics)
    chosen = likeliest_states(decide_states(evidence, prior, number, MODEL, statistics))
    boxes = decision.decide_boxes(evidence, MODEL.boxes)
    psc = expected_psc(evidence, boxes, chosen.chance, MODEL.found)
    return chosen, MODEL.actions.predict(evidence.actions)[:, action] * psc


ALONE = replace(MODEL, joint=False)


def test_the_joint_choice_is_the_best_of_all_actions(world):
    evidence, statistics = world
    decided = decide(evidence, MODEL, statistics)
    each = [decide_alone(evidence, statistics, action) for action in range(3)]
    worth = np.stack([score for _, score in each], axis=1)
    best = worth.argmax(axis=1)
    expected = decided.expected
    assert expected["action"].tolist() == np.array(ACTIONS)[best].tolist()
    np.testing.assert_allclose(expected["score"], worth.max(axis=1))
    np.testing.assert_allclose(expected["probability"] * expected["psc"], expected["score"])
    assert predicted_action(decided.actions)["action"].tolist() == expected["action"].tolist()
    place = best[evidence.video], np.arange(len(evidence))
    states, chance = (np.stack([of[which] for of, _ in each])[place] for which in (0, 1))
    heads = decided.parses[decided.parses["part"] == "head"]
    heads = heads.sort_values(["video", "frame", "person"])
    assert heads["state"].tolist() == np.array(SPACE.states[0])[states[:, 0]].tolist()
    np.testing.assert_allclose(heads["state_probability"], chance[:, 0], rtol=1e-6)
    # else this would say nothing
    likely = MODEL.actions.predict(evidence.actions).argmax(axis=1)
    assert 2 < (likely != best).sum() < 30


def test_actions_that_cannot_win_are_not_looked_at(world, monkeypatch):
    evidence, statistics = world
    looked = []

    def count(some, *args):
        looked.append(len(np.unique(some.video)))
        return decide_states(some, *args)

    monkeypatch.setattr(decision, "decide_states", count)
    decide(evidence, MODEL, statistics)
    assert looked[0] == 60
    assert 0 < sum(looked[1:]) < 100


def test_without_the_joint_choice_it_is_the_likeliest_action(world):
    evidence, statistics = world
    decided = decide(evidence, ALONE, statistics)
    likely = evidence.actions[0].argmax(axis=1)
    assert decided.expected["action"].tolist() == np.array(ACTIONS)[likely].tolist()
    np.testing.assert_allclose(
        decided.expected["probability"], evidence.actions[0].max(axis=1), rtol=1e-4
    )


def test_the_probabilities_are_those_of_the_actions_whatever_their_worth(world):
    evidence, statistics = world
    decided = decide(evidence, MODEL, statistics)
    values = decided.probabilities.set_index("video")
    np.testing.assert_allclose(values.to_numpy(), evidence.actions[0], rtol=1e-4)
    chosen = decided.expected.set_index("video")
    own = [values.loc[video, f"p_{action}"] for video, action in chosen["action"].items()]
    np.testing.assert_allclose(own, chosen["probability"], rtol=1e-5)


@pytest.mark.parametrize("model", [ALONE, MODEL])
def test_a_video_without_persons_has_an_action(world, model):
    evidence, statistics = world
    some = evidence.take(evidence.video != 3)
    decided = decide(some, model, statistics)
    assert decided.expected["video"].tolist() == list(evidence.videos)
    assert decided.expected["action"][3] == ACTIONS[evidence.actions[0, 3].argmax()]
    assert decided.expected["score"][3] == pytest.approx(0, abs=1e-6)
    assert "v03" not in set(decided.parses["video"])
    assert np.isfinite(decided.actions.drop(columns="video")).all(axis=None)


FUSED = replace(MODEL, boxes=replace(MODEL.boxes, how="mbr"))


@pytest.mark.parametrize("model", [ALONE, MODEL, FUSED])
def test_nobody_in_any_video(world, model):
    evidence, statistics = world
    none = evidence.take(np.zeros(len(evidence), bool))
    decided = decide(none, model, statistics)
    assert decided.parses.empty
    assert len(decided.actions) == 60


def test_the_expected_score_is_what_comes_if_all_is_as_expected(world):
    """States drawn from what the model believes are right as often as it says."""
    evidence, statistics = world
    decided = decide(evidence, MODEL, statistics)
    rng = np.random.default_rng(1)
    action = np.array([ACTIONS.index(name) for name in decided.expected["action"]])
    prior = prior_shares(np.eye(3)[action], evidence.video, statistics)
    shares = decide_states(evidence, prior, action, MODEL, statistics)
    truth = decided.parses.sort_values(["video", "frame", "person"])
    truth = truth.set_index(["video", "frame", "person"])
    for index, part in enumerate(PARTS):
        drawn = (rng.random((len(evidence), 1)) > shares[index].cumsum(axis=1)).sum(axis=1)
        own = truth["part"] == part
        truth.loc[own, "state"] = np.array(SPACE.states[index])[np.minimum(drawn, 2)]
    annotations = truth.reset_index().drop(columns="score")
    videos = decided.expected[["video", "action"]]
    lengths = videos[["video"]].assign(frames=11)
    judged = evaluate_tables(videos, annotations, videos, decided.parses, lengths)
    # every person matches and every box hits
    hit = 1 / (1 + np.exp(-4.0))
    expected = decided.expected["psc"].mean() / MODEL.found / hit
    assert judged.videos["psc"].mean() == pytest.approx(expected, abs=0.02)
    assert (annotations["part"] == PERSON).sum() == len(evidence)
