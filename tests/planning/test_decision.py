"""What the decision reads, and its ablations."""

from typing import Any

from partparse.planning.dataset import DataSet
from partparse.planning.decision import (
    STEPS,
    decided_tables,
    fitted_tables,
    plan_ablations,
    settings_of,
)
from partparse.planning.programs import manifest_files


def test_each_ablation_has_one_step_more():
    ablations = list(plan_ablations().items())
    assert [name for name, _ in ablations][::7] == ["decide_mean", "decide"]
    assert [len(left_out) for _, left_out in ablations] == [7, 6, 5, 4, 3, 2, 1, 0]
    assert ablations[1] == ("decide_calibrate", list(STEPS)[1:])


def test_an_ablation_leaves_out_steps_and_nothing_else():
    config = {"calibrate": True, "stack": True, "smooth": True, "boxes": "mbr", "seed": 3}
    assert settings_of("decide", config) == config
    smooth = settings_of("decide_smooth", config)
    last = {"slots": False, "joint": False, "fallback": False}
    assert smooth == config | {"boxes": "first"} | last


def test_what_is_decided_on(plan, tmp_path):
    methods = plan(
        methods={
            "states": ["category", "group", "onestage", "mean"],
            "actions": ["two_stream", "csn", "swin"],
        },
        fusions={"states": {"mean": {"category": {"head": 1.0}, "group": {"head": 1.0}}}},
        parts={"variants": ["plain", "single"]},
        submission={"action_model": "two_stream", "part_detector": "plain"},
    )
    decided: Any = decided_tables(methods)
    assert list(decided["parts"]) == ["plain", "plain_mirrored", "single"]
    assert list(decided["states"]) == ["category", "group"]  # no fusion, and no other boxes
    assert list(decided["actions"]) == ["two_stream", "csn", "swin"]
    assert decided["sources"]["onestage"] == {
        "persons": "results/onestage/persons/{shard}.parquet",
        "parts": "results/onestage/parts/{shard}.parquet",
        "states": "results/states/onestage/{shard}.parquet",
    }
    assert not {"keypoints", "detected"} & decided.keys()
    simple = ["category", "group", "onestage", "mean", "vote", "by_category"]
    assert list(decided["parses"]) == simple
    shards = {"train-000": ["a"], "val-001": ["b"], "val-002": ["c"]}
    fitted: Any = fitted_tables(methods, DataSet(tmp_path, is_demo=True, shards=shards))
    assert fitted["val"][1]["parts"]["plain"] == "results/parts/plain/val-002.parquet"
    assert fitted["train"]["tracks"] == ["results/tracks/persons/train-000.parquet"]
    assert fitted["train"]["keypoints"] == []
    assert list(fitted["scores"]) == simple
    assert fitted["scores"]["vote"] == ["results/scores/val/vote.csv"]
    assert not any("{" in file for file in manifest_files(fitted))
    data = DataSet(tmp_path, is_demo=True, shards=shards, other_folds=(("b/results", "val-000"),))
    folds: Any = fitted_tables(methods, data)
    assert folds["val"][:2] == fitted["val"]
    assert folds["val"][2]["parts"]["plain"] == "b/results/parts/plain/val-000.parquet"
    assert folds["truth"][2] == "b/results/dataset/truth/val-000.parquet"
    assert folds["scores"]["vote"] == [f"{run}results/scores/val/vote.csv" for run in ("", "b/")]
    assert folds["train"] == fitted["train"]


def test_keypoints_are_decided_on_where_there_are_any(plan):
    decided: Any = decided_tables(plan())
    assert decided["persons"] == "results/persons/grown/{shard}.parquet"
    assert decided["detected"] == "results/persons/detected/{shard}.parquet"
    assert decided["keypoints"] == "results/pose/{shard}.parquet"
    # the chosen one first, as it is submitted without a decision
    assert list(decided["parts"]) == ["best", "dots_mirrored", "parser", "dots"]
    assert decided["parts"]["best"] == "results/parts/best/{shard}.parquet"


def test_the_best_action_model_is_none_of_its_own(plan):
    several = {"methods": {"states": ["category"], "actions": ["csn", "swin"]}}
    methods = plan(**several, submission={"action_model": "best"})
    assert methods.action_model == "best"
    assert methods.scored_actions == ["csn", "swin", "best"]
    # it is what is submitted without a decision
    assert list(decided_tables(methods)["actions"]) == ["best", "csn", "swin"]
    # of one model nothing has to be chosen
    alone = plan(methods={"actions": ["csn"]}, submission={"action_model": "best"})
    assert alone.action_model == "csn"
    assert alone.scored_actions == ["csn"]
