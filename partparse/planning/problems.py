"""Where stages say which videos they left out, and which of them a run asks.

A stage is called as the folder of its tables below results/: `actions/csn`, `parts/dots`.
"""

from collections.abc import Iterable

from partparse.planning.dataset import DataSet, annotated_shard
from partparse.planning.methods import BEST, DECIDE, ENSEMBLES, PARSER, VOTE, Methods

_FOLDER = "results/problems/"


def problems_of(stage: str) -> str:
    """The table of a stage's problems, by {shard}; its name may have wildcards."""
    return f"{_FOLDER}{stage}/{{shard}}.parquet"


def stage_of(table: str) -> str:
    """The stage whose problems lie in a table, wherever `results` lies."""
    return table.rpartition(_FOLDER)[2].rpartition("/")[0]


def problem_tables(methods: Methods, data: DataSet) -> list[str]:
    """The tables of all stages that make what is scored and submitted, and of no other.

    Not those of frames and flow: their own tables say what is wrong with a video.
    """
    stages = {"train": _learned_from(methods), "val": _scored(methods)}
    is_scored = "test" in data.scored_splits
    stages["test"] = _scored(methods) if is_scored else _submitted(methods)
    found = [
        table
        for split, names in stages.items()
        for stage in dict.fromkeys(names)
        for table in data.tables(problems_of(stage), split)
    ]
    if methods.uses_tracks(methods.refitted):  # which learn from the annotated persons of val
        found += [
            problems_of(stage).replace("{shard}", annotated_shard(shard))
            for stage in ("tracks/persons", *_tracked(methods))
            for shard in data.names("val")
        ]
    return found


def _learned_from(methods: Methods) -> list[str]:
    """Networks learn from tracks and keypoints of annotated persons, the decision as well."""
    tracked = _tracked(methods) if methods.uses_tracks(methods.used_states) else []
    return ["tracks/persons", *_posed(methods), *tracked]


def _scored(methods: Methods) -> list[str]:
    """All methods and action models are scored, and the decision sees what a mirror shows too."""
    states, actions = methods.used_states, methods.scored_actions
    mirrored = [f"{name}_mirrored" for name in methods.variants if name not in ("single", PARSER)]
    return [
        *_found(methods, [*methods.variants, *mirrored]),
        *("persons/mirrored", "tracks/detected", "tracks/persons"),
        *(_tracked(methods) if methods.uses_tracks(states) else []),
        *(["objects/detected"] if methods.uses_objects(states) else []),
        *(f"actions/{name}" for name in methods.predicted_actions(actions)),
        *(f"states/{name}" for name in (*states, *methods.states)),
        # by_category only picks from these
        *(f"parses/{name}" for name in (*methods.states, VOTE, DECIDE)),
    ]


def _submitted(methods: Methods) -> list[str]:
    """What leads to what is submitted alone."""
    asked = methods.actions if methods.action_model == BEST else [methods.action_model]
    actions = methods.predicted_actions(asked)
    if methods.final == DECIDE:
        unused = {f"actions/{name}" for name in methods.fusions if name not in actions}
        return [stage for stage in _scored(methods) if stage not in unused]
    parses = methods.members_of([methods.final])
    if methods.final in ENSEMBLES:
        parses = methods.states
    acting = [name for name in methods.predicting(asked) if name in methods.used_states]
    states = [*methods.members_of(parses), *acting]
    boxes = [name for name in states if name not in methods.own_boxes]
    is_seen = methods.uses_tracks(states)
    is_followed = is_seen or methods.views_tracks(actions)
    return [
        *(_found(methods, methods.parts_given) if boxes else []),
        *(["tracks/detected", "tracks/persons"] if is_followed else []),
        *(_tracked(methods) if is_seen else []),
        *(["objects/detected"] if methods.uses_objects(states) else []),
        *(f"actions/{name}" for name in actions),
        *(f"states/{name}" for name in states),
        *(f"parses/{name}" for name in parses if methods.final in (*ENSEMBLES, name)),
        *([f"parses/{VOTE}"] if methods.final in ENSEMBLES else []),
    ]


def _found(methods: Methods, variants: Iterable[str]) -> list[str]:
    """Persons, and parts by some detectors."""
    grown = [*_posed(methods), "persons/grown"] if methods.uses_pose else []
    parts = [f"parts/{name}" for name in variants if name != PARSER]
    parser = [f"states/{PARSER}"] if methods.boxes_given or PARSER in variants else []
    return ["persons/detected", *parser, *grown, *parts]


def _posed(methods: Methods) -> list[str]:
    """Keypoints of persons in scored frames."""
    if methods.parses_pose:
        return [f"states/{PARSER}"]
    return ["pose"] if methods.uses_pose_net else []


def _tracked(methods: Methods) -> list[str]:
    """Keypoints of persons over time."""
    return ["parser/tracked" if methods.parses_pose else "tracks/keypoints"]
