"""The whole decision on made-up tables: it helps, it is honest, and it is the same every time."""

import hashlib
from functools import cache

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.decision import cross_fit as cross_fitting
from partparse.decision.cross_fit import cross_fit, decide_by_fold
from partparse.decision.evidence import of_videos
from partparse.decision.fit import Truth
from partparse.decision.gather import gather
from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.ensemble.folds import ALL, fold_of
from partparse.files.array_files import read_arrays, write_arrays
from partparse.metric.rows import evaluate_tables
from partparse.states.rows import parse
from partparse.tables import BOX
from tests.files.test_array_files import assert_same
from tests.samples.decision import (
    ALL_STEPS,
    NO_STEP,
    evidence_in,
    made_up,
    statistics,
    truth_in,
)

FOLDS = 2
VAL, TEST = 8, 16


@cache
def fitted(settings):
    """Cross-fitted on the made-up val videos."""
    val = made_up("val", VAL)
    return cross_fit(evidence_in(val), truth_in(val), statistics(), settings, FOLDS)


def decided(evidence, settings, split="test", models=None):
    models = models or fitted(settings)[0]
    return decide_by_fold(evidence, models.__getitem__, statistics(), split=split, folds=FOLDS)


def judged(split, videos, parses, actions):
    made = made_up(split, videos)
    found = tables.predicted_action(actions)
    return evaluate_tables(made.truth, made.annotations, found, parses, made.frames)


def test_deciding_beats_the_best_method_and_the_mean():
    test = made_up("test", TEST)
    evidence = evidence_in(test)
    full = decided(evidence, ALL_STEPS)
    mean = decided(evidence, NO_STEP)
    net, dots = test.given.actions["net"], test.given.parts["dots"]
    alone = [
        judged("test", TEST, parse(test.given.persons, dots, states), net).score
        for states in test.given.states.values()
    ]
    score = judged("test", TEST, full.parses, full.actions).score
    assert score > max(alone) + 0.1
    assert score > judged("test", TEST, mean.parses, mean.actions).score + 0.1
    # and the score comes as expected
    assert full.expected["score"].mean() == pytest.approx(score, abs=0.08)


def digest(decision):
    content = [
        pd.util.hash_pandas_object(table).to_numpy().tobytes() for table in tables_of(decision)
    ]
    return hashlib.sha256(b"".join(content)).hexdigest()


def tables_of(decision):
    return [in_order(table) for table in (decision.parses, decision.actions, decision.expected)]


def in_order(table):
    key = [name for name in ("video", "frame", "person", "part") if name in table]
    return table.sort_values(key, ignore_index=True)


def test_the_same_is_decided_every_time(tmp_path):
    evidence = evidence_in(made_up("val", VAL))
    files, decisions = [], []
    for found in (fitted(ALL_STEPS), fitted.__wrapped__(ALL_STEPS)):
        path = tmp_path / "model.npz"
        write_arrays(found[0][ALL], path)
        files.append(path.read_bytes())
        decisions.append(digest(decided(evidence, ALL_STEPS, "val", found[0])))
    assert files[0] == files[1]
    assert decisions[0] == decisions[1]


def test_how_test_is_cut_into_shards_does_not_matter():
    test = made_up("test", TEST)
    videos = test.truth["video"].tolist()
    whole = tables_of(decided(evidence_in(test), ALL_STEPS))
    shards = []
    for names in (videos[::3], [v for v in videos if v not in videos[::3]]):
        cut = type(test)(
            test.given,
            *(
                t[t["video"].isin(names)]
                for t in vars(test).values()
                if isinstance(t, pd.DataFrame)
            ),
        )
        shards.append(decided(evidence_in(cut), ALL_STEPS))
    joined = [
        pd.concat(each, ignore_index=True) for each in zip(*map(tables_of, shards), strict=True)
    ]
    for table, expected in zip(joined, whole, strict=True):
        pd.testing.assert_frame_equal(in_order(table), expected, rtol=1e-9)


def of_video(decision, video):
    return [table[table["video"] == video].reset_index(drop=True) for table in tables_of(decision)]


def test_what_is_decided_on_a_val_video_does_not_depend_on_its_truth():
    val = made_up("val", VAL)
    evidence, truth = evidence_in(val), truth_in(val)
    video = val.truth["video"][0]
    own = truth.annotations["video"] == video
    false = truth.annotations.copy()
    states = {
        name: f"state_{2 - number}"
        for number, name in enumerate(sorted(false["state"].dropna().unique()))
    }
    false.loc[own, "state"] = false.loc[own, "state"].map(states)
    false.loc[own, BOX] += 30
    action = truth.truth.copy()
    action.loc[action["video"] == video, "action"] = next(
        name for name in statistics().actions if name != action["action"][0]
    )
    lied = cross_fit(evidence, Truth(action, false, truth.lengths), statistics(), ALL_STEPS, FOLDS)
    honest = fitted(ALL_STEPS)
    fold = fold_of(video, FOLDS)
    assert_same(honest[0][fold], lied[0][fold])
    before, after = (decided(evidence, ALL_STEPS, "val", of[0]) for of in (honest, lied))
    for one, other in zip(of_video(before, video), of_video(after, video), strict=True):
        pd.testing.assert_frame_equal(one, other)
    # of the others it is part of what they are judged by
    stranger = next(name for name in evidence.videos if fold_of(name, FOLDS) != fold)
    pairs = zip(of_video(before, stranger), of_video(after, stranger), strict=True)
    assert not all(one.equals(other) for one, other in pairs)


def test_the_folds_are_judged_in_their_order(monkeypatch):
    val = made_up("val", VAL)
    seen = []
    judge = cross_fitting.confidences

    def record(evidence, *args):
        seen.append({fold_of(video, 3) for video in evidence.videos})
        return judge(evidence, *args)

    monkeypatch.setattr(cross_fitting, "confidences", record)
    found = cross_fit(evidence_in(val), truth_in(val), statistics(), NO_STEP, 3)
    assert list(found[0]) == [ALL, "0", "1", "2"]
    assert seen == [{"0"}, {"1"}, {"2"}]


def test_the_evidence_for_what_was_chosen_is_told():
    found = fitted(ALL_STEPS)[1]
    for step in ("choices", "stacking", "time", "boxes"):
        assert set(found[step]["fold"]) == {ALL, "0", "1"}
    assert (found["time"].groupby("fold")["chosen"].sum() == 1).all()
    choices = found["choices"]
    steps = ["action", "states", "time", "boxes", "slots", "joint"]
    assert choices["step"].unique().tolist() == steps
    # what is better has a higher score than all that was taken before it
    taken = choices[choices["better"]].groupby(["fold", "step"])["score"]
    assert taken.apply(lambda score: score.is_monotonic_increasing).all()
    curves = found["reliability"]
    models = {"action: net", "action: decide"}
    assert set(curves["what"]) == {*statistics().methods, "decide"} | models
    np.testing.assert_allclose(curves.groupby(["what", "stage"])["weight"].sum(), 1)
    error = (curves["accuracy"] - curves["confidence"]).abs() * curves["weight"]
    errors = error.groupby([curves["what"], curves["stage"]]).sum().unstack()
    assert errors.loc["decide", "after"] < 0.15
    assert errors.loc[[*statistics().methods], "after"].mean() < errors["before"].mean()


def test_models_and_what_training_told_are_read_as_they_were_written(tmp_path):
    path = tmp_path / "model.npz"
    for kind, model in (
        (TrainingStatistics, statistics()),
        (DecisionModel, fitted(ALL_STEPS)[0][ALL]),
        (DecisionModel, fitted(NO_STEP)[0][ALL]),
    ):
        write_arrays(model, path)
        read = read_arrays(kind, path)
        evidence = of_videos(evidence_in(made_up("val", VAL)), ["val_0", "val_1"])
        if isinstance(read, DecisionModel) and isinstance(model, DecisionModel):
            assert_same(read.policy, model.policy)
            settings = ALL_STEPS if model.stack.pool else NO_STEP
            pair = [digest(decided(evidence, settings, models={ALL: of})) for of in (read, model)]
            assert pair[0] == pair[1]
        else:
            assert_same(read, model)


def test_a_shard_without_videos_is_decided_on():
    val = made_up("val", VAL)
    nothing = of_videos(evidence_in(val), [])
    for split in ("val", "test"):
        found = decided(nothing, NO_STEP, split)
        assert found.parses.empty and found.actions.empty
        assert list(found.actions) == ["video", *tables.probability_columns(statistics().actions)]


def test_more_evidence_than_is_judged_changes_nothing():
    """Videos without a truth are decided on, but nothing is fitted on them."""
    val = made_up("val", VAL)
    evidence, truth = evidence_in(val), truth_in(val)
    some = list(evidence.videos[:6])
    known = truth.take(some)
    one = cross_fit(evidence, known, statistics(), NO_STEP, FOLDS)
    other = cross_fit(of_videos(evidence, some), known, statistics(), NO_STEP, FOLDS)
    assert_same(one[0][ALL].boxes, other[0][ALL].boxes)
    assert len(decided(evidence, NO_STEP, "val", one[0]).actions) == VAL


def test_a_video_without_a_truth_may_be_alone_in_its_fold():
    val = made_up("val", VAL)
    evidence, truth = evidence_in(val), truth_in(val)
    folds = 3
    by_fold: dict[str, list[str]] = {}
    for video in evidence.videos:
        by_fold.setdefault(fold_of(video, folds), []).append(video)
    lonely = min(by_fold)
    known = truth.take([v for v in evidence.videos if v not in by_fold[lonely]])
    models = cross_fit(evidence, known, statistics(), NO_STEP, folds)[0]
    found = decide_by_fold(evidence, models.__getitem__, statistics(), split="val", folds=folds)
    assert len(found.actions) == VAL


def simplest(made, states):
    """The parse of a method as it is submitted without a decision, and its action."""
    return parse(made.given.persons, made.given.parts["dots"], made.given.states[states])


def test_with_few_videos_the_first_of_each_step_is_decided():
    val, test = made_up("val", VAL), made_up("test", TEST)
    evidence, truth = evidence_in(val), truth_in(val)
    some = list(evidence.videos[:5])
    few = of_videos(evidence, some)
    models, told = cross_fit(few, truth.take(some), statistics(), ALL_STEPS, FOLDS)
    first = told["choices"].groupby(["fold", "step"]).head(1)
    assert (told["choices"]["better"] == told["choices"].index.isin(first.index)).all()
    best = first.query("fold == @ALL and step == 'states'")["candidate"].item().split(" + ")
    assert set(best) <= set(statistics().methods)
    found = decided(evidence_in(test), ALL_STEPS, models=models)
    mine = in_order(found.parses)
    theirs = in_order(simplest(test, best[0]))
    columns = ["video", "frame", "person", "part", *BOX]
    # beside the first detector's parts are those that it did not find
    both = mine[columns].merge(theirs[columns], how="right", indicator=True)
    assert (both["_merge"] == "both").all()
    said = tables.predicted_action(test.given.actions["net"]).set_index("video")["action"]
    assert found.expected["action"].tolist() == said[found.expected["video"]].tolist()


def test_without_videos_the_mean_of_all_methods_is_decided():
    nothing = of_videos(evidence_in(made_up("val", VAL)), [])
    none_known = truth_in(made_up("val", VAL)).take([])
    models, told = cross_fit(nothing, none_known, statistics(), ALL_STEPS, FOLDS)
    of_all = told["choices"].query("fold == @ALL")
    assert of_all.groupby("step").head(1).index.tolist() == of_all[of_all["better"]].index.tolist()
    evidence = evidence_in(made_up("test", TEST))
    mine = in_order(decided(evidence, ALL_STEPS, models=models).parses)
    mean = in_order(decided(evidence, NO_STEP).parses)
    columns = ["video", "frame", "person", "part", *BOX, "state"]
    pd.testing.assert_frame_equal(mine[columns], mean[columns])


def test_gathering_leaves_the_tables_as_they_are():
    val = made_up("val", VAL)
    before = val.given.persons.copy()
    gather(val.given, val.truth["video"].tolist(), statistics().actions, statistics().space)
    pd.testing.assert_frame_equal(val.given.persons, before)
