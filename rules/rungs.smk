"""What the decision reads, and the rungs of its ladder."""

from partparse.planning import ablation

RUNGS = ablation.plan_rungs()
# what the rungs are compared to: the winner's two steps
REFERENCES = ["vote", "by_category"]
MIRRORED = [f"{name}_mirrored" for name in VARIANTS if name != "single"]
# what is decided on: the tables of a shard, by their names in the program's manifest. Of parts and
# actions the first is what is submitted without a decision
DECIDED = {
    "persons": PERSONS,
    "tracks": "results/tracks/persons/{shard}.parquet",
    "parts": {
        name: f"results/parts/{name}/{{shard}}.parquet"
        for name in [VARIANTS[0], *MIRRORED, *VARIANTS[1:]]
    },
    "states": {
        name: f"results/states/{name}/{{shard}}.parquet"
        for name in METHODS
        if name not in [*OWN_BOXES, *STATES_FUSIONS]
    },
    "actions": {
        name: f"results/actions/{name}/{{shard}}.parquet"
        for name in [ACTION_MODEL, *ACTION_MODELS]
        if name == ACTION_MODEL or name not in FUSIONS
    },
    "sources": {
        "mirrored": {"persons": "results/persons/mirrored/{shard}.parquet"},
        **{
            name: OWN_BOXES[name]
            | {"states": f"results/states/{name}/{{shard}}.parquet"}
            for name in METHODS
            if name in OWN_BOXES
        },
    },
}
if USES_POSE:
    DECIDED["detected"] = "results/persons/detected/{shard}.parquet"
    DECIDED["keypoints"] = "results/pose/{shard}.parquet"


def split_of(wildcards):
    """The split of a shard's videos."""
    return wildcards.shard.split("-")[0]


def decision_settings(rung):
    """The settings of a rung as JSON."""
    return json.dumps(ablation.settings_of(rung, config["decision"]), sort_keys=True)


def actions_of(method):
    """The tables of the action that is submitted with a method's parses."""
    return (
        f"results/decision/{method}/actions/" + "{shard}.parquet"
        if method in RUNGS
        else ACTIONS
    )


def probabilities_of(method):
    """The tables of the probability of each action by which that action is submitted."""
    return (
        f"results/decision/{method}/probabilities/" + "{shard}.parquet"
        if method in RUNGS
        else ACTIONS
    )
