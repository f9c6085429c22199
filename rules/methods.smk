"""Which methods run, and whose boxes and actions each of them uses."""

USES_POSE = methods.uses_pose
PERSONS = methods.persons
TRACKED_PERSONS = methods.tracked_persons
PARTS = methods.parts
KEYPOINTS = methods.keypoints
TRACKED_KEYPOINTS = methods.tracked_keypoints
ACTIONS = f"results/actions/{methods.action_model}/" + "{shard}.parquet"
PARTS_GIVEN = left_to_choose("results/parts/ranking.csv", methods.parts_given)
BOXES_GIVEN = left_to_choose("results/persons/ranking.csv", list(methods.boxes_given))
FINAL = methods.final
METHODS = methods.states
ACTION_MODELS = methods.actions
# weighted means of action models, and of state methods: their members and weights
FUSIONS = methods.fusions
STATES_FUSIONS = methods.states_fusions
# the decision with a step more each, and what these are compared to: the winner's two steps
ABLATIONS = decision.plan_ablations()
REFERENCES = ["vote", "by_category"]


# which splits a network learns from: the one that val judges, and the one fitted again on both
FITS = {"model": ["train"], "refit": ["train", "val"]}


def is_annotated(wildcards):
    """Whether a shard's persons are annotated: networks learn from such, and are used on others."""
    return split_of(wildcards) in ("train", REFIT)


def videos_of(wildcards):
    """The shard of the data set that a shard's videos are in."""
    return videos_shard(wildcards.shard)


def learnt(*kinds):
    """The data set's tables that a fit learns from, for `unpack`."""
    return lambda wildcards: given(*kinds, splits=FITS[wildcards.fit])


def annotated(pattern):
    """The tables of annotated persons that a fit learns from."""

    return lambda wildcards: [
        pattern.replace("{shard}", annotated_shard(shard)) for shard in shards(*FITS[wildcards.fit])
    ]


def fit_settings(method):
    """A fit's --settings: of a refit that goes on from the trained network some are its own."""

    def found(wildcards):
        again = config["states"][method]["refit"] if wildcards.fit == "refit" else {}
        return json.dumps(section_of("states", method, "train") | again, sort_keys=True)

    return found


def parser_settings(wildcards):
    """The --settings that the parser predicts with: annotated boxes need no second look."""
    once = {"looks": 1} if is_annotated(wildcards) else {}
    return json.dumps(section_of("states", "parser", "predict") | once, sort_keys=True)


def model_of(method):
    """The network that judges a shard: where the method is refitted, test's learnt from val too."""

    def found(wildcards):
        again = split_of(wildcards) == "test" and method in methods.refitted
        return f"results/states/{method}/{'refit' if again else 'model'}"

    return found


def compared_variants(split):
    """The part detectors that are judged on a split: all on val, on test the used one."""
    return methods.variants if split == "val" else [methods.part_detector]


def tracks_of(method, tracks):
    """The tables of persons over time, for a method that looks at their keypoints."""
    return tracks if methods.joins_keypoints(method) else []


def viewed_persons(model, tracks):
    """The tables of persons over time, for an action model that looks at them one by one."""
    return tracks if methods.views_persons(model) else []


def truth_of(split, method):
    """What a method's parses of a split are judged with."""
    known = given("truth", "annotations", "frames", splits=[split])
    return known | {"actions": tables(actions_of(method), split)}


def split_of(wildcards):
    """The split of a shard's videos."""
    return wildcards.shard.split("-")[0]


def decision_settings(ablation):
    """The settings of an ablation as JSON."""
    return json.dumps(decision.settings_of(ablation, config["decision"]), sort_keys=True)


def actions_of(method, kind="actions"):
    """The tables of the action that is submitted with a method's parses, or its `probabilities`."""
    decided = f"results/decision/{method}/{kind}/{{shard}}.parquet"
    return decided if method in ABLATIONS else ACTIONS


wildcard_constraints:
    shard=f"({'|'.join([*SPLITS, REFIT])})-[0-9]+",
    fit="|".join(FITS),
    split="val|test",
    variant="dots|plain",
    group="|".join(PART_GROUPS),
    model="|".join(config["actions"]),
    fusion="|".join(FUSIONS) or "(?!)",
    states_fusion="|".join(STATES_FUSIONS) or "(?!)",
    scored_model="|".join(methods.scored_actions),
    method="|".join([*METHODS, *ENSEMBLES, "decide_[a-z]+"]),
    ablation="decide(_[a-z]+)?",
