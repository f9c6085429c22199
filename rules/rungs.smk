"""What the decision reads, and the rungs of its ladder."""

# the steps of the decision in their order, and what leaves each out
STEPS = {
    "calibrate": False,
    "stack": False,
    "smooth": False,
    "boxes": "first",
    "slots": False,
    "joint": False,
}
# each rung has the steps up to the one it is named by, as far as the settings have them
RUNGS = {
    "decide_mean": list(STEPS),
    **{f"decide_{step}": list(STEPS)[place + 1 :] for place, step in enumerate(STEPS)},
}
# with the last step it is the decision itself
RUNGS["decide"] = RUNGS.pop(f"decide_{list(STEPS)[-1]}")
# what the rungs are compared to: the winner's two steps
REFERENCES = ["vote", "by_category"]
MIRRORED = [f"{name}_mirrored" for name in VARIANTS if name != "single"]
DECISION_PARTS = [VARIANTS[0], *MIRRORED, *VARIANTS[1:]]
DECISION_PATTERNS = {
    "persons": [PERSONS],
    "detected": ["results/persons/detected/{shard}.parquet"] if USES_POSE else [],
    "tracks": ["results/tracks/persons/{shard}.parquet"],
    "keypoints": ["results/pose/{shard}.parquet"] if USES_POSE else [],
    "parts": [
        f"{name}=results/parts/{name}/" + "{shard}.parquet" for name in DECISION_PARTS
    ],
    "states": [
        f"{name}=results/states/{name}/" + "{shard}.parquet"
        for name in METHODS
        if name not in [*OWN_BOXES, *STATES_FUSIONS]
    ],
    "actions": [
        f"{name}=results/actions/{name}/" + "{shard}.parquet"
        for name in [ACTION_MODEL, *ACTION_MODELS]
        if name == ACTION_MODEL or name not in FUSIONS
    ],
    "source-persons": [
        "mirrored=results/persons/mirrored/{shard}.parquet",
        *(
            f"{name}={OWN_BOXES[name]['persons']}"
            for name in METHODS
            if name in OWN_BOXES
        ),
    ],
    "source-parts": [
        f"{name}={OWN_BOXES[name]['parts']}" for name in METHODS if name in OWN_BOXES
    ],
    "source-states": [
        f"{name}=results/states/{name}/" + "{shard}.parquet"
        for name in METHODS
        if name in OWN_BOXES
    ],
}


def decision_arguments(wildcards, input):
    """The programs' arguments that say where the tables of a shard are."""
    run, _, _ = input.decided[0].rpartition(
        "results/"
    )  # not empty: copies of what is in S3
    return [
        word
        for name, patterns in DECISION_PATTERNS.items()
        if patterns
        for word in [
            f"--{name}",
            *(
                pattern.replace("results/", f"{run}results/")
                for pattern in dict.fromkeys(patterns)
            ),
        ]
    ]


def decision_tables(*names):
    """The tables that the decision on some shards reads."""
    patterns = [
        entry.split("=", 1)[-1]
        for entries in DECISION_PATTERNS.values()
        for entry in entries
    ]
    return [
        pattern.replace("{shard}", name)
        for pattern in dict.fromkeys(patterns)
        for name in names
    ]


def decision_settings(rung):
    """The settings of a rung as JSON."""
    left_out = {step: STEPS[step] for step in RUNGS[rung]}
    return json.dumps(config["decision"] | left_out, sort_keys=True)


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
