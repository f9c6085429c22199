"""Which methods run, and whose boxes and actions each of them uses."""

VARIANTS = config["parts"]["variants"]
USES_POSE = methods.uses_pose
PERSONS = methods.persons
PARTS = methods.parts
ACTION_MODEL = config["submission"]["action_model"]
ACTIONS = f"results/actions/{ACTION_MODEL}/" + "{shard}.parquet"
FINAL = config["submission"]["parses"]
METHODS = methods.states
ACTION_MODELS = methods.actions
OWN_BOXES = methods.own_boxes
# weighted means of action models, and of state methods: their members and weights
FUSIONS = methods.fusions
STATES_FUSIONS = methods.states_fusions
INSTANCE_METHODS = methods.of_kind("instance")
USES_FLOW = methods.uses_flow
boxes_of, initial_model = methods.boxes_of, methods.initial_model
trained_models = methods.trained_models


def is_annotated(wildcards):
    """Whether a shard's persons are annotated: networks learn from such, and are used on others."""
    return wildcards.shard in shards("train")


def compared_variants(split):
    """The part detectors that are judged on a split: all on val, on test the used one."""
    return VARIANTS if split == "val" else VARIANTS[:1]


def tracks_of(method, tracks):
    """The tables of persons over time, for a method that looks at their keypoints."""
    return tracks if methods.joins_keypoints(method) else []


def truth_of(split, method):
    """What a method's parses of a split are judged with."""
    return {
        "truth": tables("results/dataset/truth/{shard}.parquet", split),
        "annotations": tables("results/dataset/annotations/{shard}.parquet", split),
        "frames": tables("results/frames/{shard}.parquet", split),
        "actions": tables(actions_of(method), split),
    }


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
