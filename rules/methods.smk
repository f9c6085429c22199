"""Which methods run, and whose boxes and actions each of them uses."""

VARIANTS = config["parts"]["variants"]
USES_POSE = "dots" in VARIANTS
PERSONS = (
    "results/persons/grown/{shard}.parquet"
    if USES_POSE
    else "results/persons/detected/{shard}.parquet"
)
PARTS = f"results/parts/{VARIANTS[0]}/" + "{shard}.parquet"
ACTION_MODEL = config["submission"]["action_model"]
ACTIONS = f"results/actions/{ACTION_MODEL}/" + "{shard}.parquet"
METHODS = config["methods"]["states"]
ACTION_MODELS = config["methods"]["actions"]
# state methods that give an action as well, which may stand in methods.actions
ACTING_METHODS = ["skeleton", "baseline"]
# methods that find persons and parts of their own: where those are
OWN_BOXES = {
    "onestage": {
        "persons": "results/onestage/persons/{shard}.parquet",
        "parts": "results/onestage/parts/{shard}.parquet",
    },
}
ENSEMBLES = ["vote", "by_category", "decide"]
FINAL = config["submission"]["parses"]


def check_names(key, names, known):
    """Refuse a setting's names that nothing is known by."""
    for name in names:
        if name not in known:
            guess = meant(name, tuple(known))
            raise WorkflowError(f"{key}: {name!r}{guess} is none of {', '.join(known)}")


def rules_of(method):
    """The file of a method's rules: of its own name, but for families that share one."""
    family = method.split("_")[0]
    if method in ("video", "segment"):
        family = "clip_labels"
    elif family not in ("group", "instance"):
        family = method
    return str(BASE / "rules" / "states" / f"{family}.smk")


for name in config["states"]:
    if not os.path.isfile(rules_of(name)):
        others = tuple(other for other in config["states"] if other != name)
        raise WorkflowError(
            f"states.{name}: there is no such method{meant(name, others)}: "
            f"its rules would be in {rules_of(name)}"
        )


# weighted means of action models, and of state methods: their members and weights
FUSIONS = config["fusions"]["actions"]
STATES_FUSIONS = config["fusions"]["states"]
MODELS = [*config["actions"], *(name for name in ACTING_METHODS if name in METHODS)]
check_names("methods.states", METHODS, [*config["states"], *STATES_FUSIONS])
check_names("methods.actions", ACTION_MODELS, [*MODELS, *FUSIONS])
for fusion in set(FUSIONS) & {*config["actions"], *ACTING_METHODS}:
    raise WorkflowError(
        f"fusions.actions.{fusion}: there is an action model of this name"
    )
for fusion in set(STATES_FUSIONS) & set(config["states"]):
    raise WorkflowError(
        f"fusions.states.{fusion}: there is a state method of this name"
    )
for fusion in set(FUSIONS) & set(ACTION_MODELS):
    check_names(f"fusions.actions.{fusion}", FUSIONS[fusion], MODELS)
for fusion in set(STATES_FUSIONS) & set(METHODS):
    members = [name for name in METHODS if name not in STATES_FUSIONS]
    check_names(f"fusions.states.{fusion}", STATES_FUSIONS[fusion], members)
check_names(
    "states.baseline.tsn", [config["states"]["baseline"]["tsn"]], config["actions"]
)
check_names("submission.action_model", [ACTION_MODEL], ACTION_MODELS)
check_names("submission.parses", [FINAL], [*METHODS, *ENSEMBLES])


def dots_of(variant, keypoints):
    """The keypoints that a variant of the part detector draws: none where it is plain."""
    return keypoints if variant == "dots" else []


def mirrored_flag(wildcards, output):
    """What a detector's program is told for a table of mirrored pictures.

    Asks for the output, since what follows from it does not count as a changed parameter: plain
    tables that were made before there were mirrored ones are still up to date.
    """
    return "--mirrored" if "mirrored/" in output[0] else ""


def compared_variants(split):
    """The part detectors that are judged on a split: all on val, on test the used one."""
    return VARIANTS if split == "val" else VARIANTS[:1]


def boxes_of(method):
    """Where the persons and parts are whose states a method gives."""
    return OWN_BOXES.get(method, {"persons": PERSONS, "parts": PARTS})


def initial_model(method):
    """The model whose weights a method's networks start from, if it names one."""
    init = config["states"][method]["init"]
    if init is None:
        return []
    kind = "states" if init in config["states"] else "actions"
    return [f"results/{kind}/{init}/model"]


def tracks_of(method, tracks):
    """The tables of persons over time, for a method that looks at their keypoints."""
    return tracks if config["states"][method]["train"]["keypoints"] else []


def truth_of(split, method):
    """What a method's parses of a split are judged with."""
    return {
        "truth": tables("results/dataset/truth/{shard}.parquet", split),
        "annotations": tables("results/dataset/annotations/{shard}.parquet", split),
        "frames": tables("results/frames/{shard}.parquet", split),
        "actions": tables(actions_of(method), split),
    }


if (
    USES_POSE
    and not (IS_DEMO or TEST_ONLY)
    and config["pose"]["train"]["weights"] is None
):
    if not (ROOT / "keypoints").is_dir():
        raise WorkflowError(
            f"{ROOT / 'keypoints'}: no such folder, and pose.train.weights is null: expected one to"
            " train the pose net on or to start from, or parts.variants: [plain] to do without"
        )


INSTANCE_METHODS = [name for name in config["states"] if name.startswith("instance_")]
FOLLOWING = [
    name
    for name in METHODS
    if name == "skeleton" or (name in INSTANCE_METHODS and tracks_of(name, True))
]
if FOLLOWING and not USES_POSE:
    raise WorkflowError(
        f"methods.states: {FOLLOWING[0]} needs keypoints, which parts.variants: [dots] predicts"
    )


wildcard_constraints:
    shard="(train|val|test)-[0-9]+",
    split="val|test",
    variant="dots|plain",
    group="|".join(PART_GROUPS),
    model="|".join(config["actions"]),
    fusion="|".join(FUSIONS) or "(?!)",
    states_fusion="|".join(STATES_FUSIONS) or "(?!)",
    scored_model="|".join(ACTION_MODELS),
    level="video|segment",
    grouped="group(_[A-Za-z0-9_]+)?",
    method="|".join([*METHODS, *ENSEMBLES, "decide_[a-z]+"]),
    rung="decide(_[a-z]+)?",
