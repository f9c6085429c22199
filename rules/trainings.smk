"""Which networks the configured methods have trained."""


def used(names, fusions):
    """The names and, for fusions among them, their members."""
    members = [member for name in names for member in fusions.get(name, [name])]
    return list(dict.fromkeys(members))


def started_from(names, kinds):
    """The names, and what their networks' weights start from, of these kinds of models."""
    chains = list(names)
    for name in chains:  # grows while it is read
        init = kinds.get(name, {}).get("init")
        if init in kinds and init not in chains:
            chains.append(init)
    return chains


TRAINED_STATES = started_from(used(METHODS, STATES_FUSIONS), config["states"])
TRAINED_ACTIONS = [
    name
    for name in config["actions"]
    if name in used([*ACTION_MODELS, ACTION_MODEL], FUSIONS)
    or name in [config["states"][method].get("init") for method in TRAINED_STATES]
    or ("baseline" in METHODS and name == config["states"]["baseline"]["tsn"])
]
USES_FLOW = any(
    kind[name].get("train", {}).get("modality") == "flow"
    for kind, names in (
        (config["actions"], TRAINED_ACTIONS),
        (config["states"], TRAINED_STATES),
    )
    for name in names
)


def trained_models():
    """{name: model folder} of every network that is trained.

    Asks the rules whether a method has a model: counted statistics, say, have none.
    """
    states = {name: f"results/states/{name}/model" for name in TRAINED_STATES}
    groups = {
        f"{name}: {group}": f"results/states/{name}/{group}/model"
        for name in TRAINED_STATES
        for group in PART_GROUPS
    }
    models = {
        "persons": "results/persons/model",
        "pose": "results/pose/model",
        **{f"parts: {name}": f"results/parts/{name}/model" for name in VARIANTS},
        **{
            f"action: {name}": f"results/actions/{name}/model"
            for name in TRAINED_ACTIONS
        },
        **states,
        **groups,
    }
    if "baseline" in METHODS:
        models["objects"] = "results/objects/model"
    return {
        name: folder
        for name, folder in models.items()
        if any(rule.is_producer(folder) for rule in workflow.rules)
    }
