"""What the decision reads, and its ablations: each has one step more than the one before."""

from collections.abc import Mapping
from typing import Any

from partparse.planning.dataset import DataSet
from partparse.planning.methods import DECIDE, ENSEMBLES, PARSER, Methods
from partparse.planning.programs import Manifest, filled, manifest_files

STEPS: dict[str, Any] = {
    "calibrate": False,
    "stack": False,
    "smooth": False,
    "boxes": "first",
    "slots": False,
    "joint": False,
    "fallback": False,
}
"""The steps of the decision in their order, and what leaves each out."""


def plan_ablations() -> dict[str, list[str]]:
    """{ablation: steps that it leaves out}; it is named by its last step, the last one `decide`."""
    steps = list(STEPS)
    later = {f"decide_{step}": steps[place + 1 :] for place, step in enumerate(steps[:-1])}
    return {"decide_mean": steps, **later, DECIDE: []}


def settings_of(ablation: str, decision: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of an ablation: the config's, but for the steps that it leaves out."""
    return {**decision, **{step: STEPS[step] for step in plan_ablations()[ablation]}}


def simple(methods: Methods) -> list[str]:
    """What may be submitted in the place of what is decided: the methods, and what joins them."""
    return [*methods.states, *(name for name in ENSEMBLES if name != DECIDE)]


def decided_tables(methods: Methods) -> dict[str, Manifest]:
    """What is decided on: the tables of a shard, by {shard}.

    Of parts and actions the first is what is submitted without a decision; what val chose for that
    stands among the others once more.
    """
    variants = methods.variants
    mirrored = [f"{name}_mirrored" for name in variants if name not in ("single", PARSER)]
    own = methods.own_boxes
    states = {
        name: f"results/states/{name}/{{shard}}.parquet"
        for name in methods.states
        if name not in methods.states_fusions
    }
    single = [name for name in methods.actions if name not in methods.fusions]
    actions = dict.fromkeys([methods.action_model, *single])
    tables: dict[str, Manifest] = {
        "persons": methods.persons,
        "tracks": "results/tracks/persons/{shard}.parquet",
        "parts": {
            name: f"results/parts/{name}/{{shard}}.parquet"
            for name in dict.fromkeys([methods.part_detector, *mirrored, *variants])
        },
        "states": {name: file for name, file in states.items() if name not in own},
        "actions": {name: f"results/actions/{name}/{{shard}}.parquet" for name in actions},
        "sources": {
            "mirrored": {"persons": "results/persons/mirrored/{shard}.parquet"},
            **{name: {**boxes, "states": states[name]} for name, boxes in own.items()},
        },
        "parses": {name: f"results/parses/{name}/{{shard}}.parquet" for name in simple(methods)},
    }
    if methods.persons != methods.detected:
        tables["detected"] = methods.detected
    if methods.uses_pose:
        tables["keypoints"] = methods.keypoints
    return tables


def fitted_tables(methods: Methods, data: DataSet) -> dict[str, Manifest]:
    """What the decision is fitted on."""
    decided = decided_tables(methods)
    train = {
        **data.given("videos", "annotations"),
        "tracks": data.tables("results/tracks/persons/{shard}.parquet", "train"),
        "keypoints": data.tables(methods.keypoints, "train"),
    }
    return {
        "val": [
            filled(decided, iter(files))
            for files in zip(*map(data.judging, manifest_files(decided)), strict=True)
        ],
        "train": train if methods.uses_pose else train | {"keypoints": []},
        **data.given_judges("truth", "annotations", "frames"),
        "scores": {
            name: [f"{results}/scores/val/{name}.csv" for results in data.judging_runs]
            for name in simple(methods)
        },
    }
