"""Which methods a config runs, whose boxes they use, and which networks that takes."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from partparse.errors import InputError, meant
from partparse.planning.dataset import DataSet
from partparse.states.methods import Method, method_of

VOTE, DECIDE = "vote", "decide"
ENSEMBLES = (VOTE, "by_category", DECIDE)
PARSER = "parser"
"""The state method that gives parts and keypoints as well, where they are asked for."""
BEST = "best"
"""The `submission.action_model`, or `submission.part_detector`, that is chosen on val."""


class Methods:
    """What a config's `methods`, `fusions` and `submission` come to.

    Attributes:
        states, actions: The names of the state methods and action models that are run.
        states_fusions, fusions: {name: members and weights}, of either.
        kinds: What each state method of the config is, whether it is run or not.
        action_model, part_detector, final: What is submitted: whose action, parts and parses.
        refitted: Those of states whose network that judges test has learnt from val too.
        variants: The part detectors.
        persons, parts: Where those lie that methods without own boxes use, by {shard}.
        detected, found: Likewise, persons in the detector's boxes, and before they grow.
        boxes_given: {name: where} of what val chooses `found` among, where the parser looks at
            persons again; else empty.
        tracked_persons: Likewise, those over time whose keypoints are used.
        keypoints, tracked_keypoints: Likewise, of persons in scored frames and over time.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        """Take a config. Raises InputError for a name that is unknown or used twice."""
        self._config = config
        sections = config["states"]
        self.kinds: dict[str, Method] = {
            name: method_of(name, [other for other in sections if other != name])
            for name in sections
        }
        self.states: list[str] = config["methods"]["states"]
        self.actions: list[str] = config["methods"]["actions"]
        self.fusions: dict[str, dict[str, Any]] = config["fusions"]["actions"]
        self.states_fusions: dict[str, dict[str, Any]] = config["fusions"]["states"]
        self.variants: list[str] = config["parts"]["variants"]
        self.action_model = _asked(config["submission"]["action_model"], self.actions)
        self.part_detector = _asked(config["submission"]["part_detector"], self.variants)
        self.final: str = config["submission"]["parses"]
        self.parses_pose = config["pose"]["source"] == PARSER
        self.uses_pose_net = "dots" in self.variants and not self.parses_pose
        self.uses_pose = self.uses_pose_net or self.parses_pose
        own, tracked = (
            ("parser/keypoints", "parser/tracked") if self.parses_pose else ("pose", "tracks")
        )
        self.keypoints = f"results/{own}/{{shard}}.parquet"
        self.tracked_keypoints = f"results/{tracked}/keypoints/{{shard}}.parquet"
        self.tracked_persons = f"results/{tracked}/persons/{{shard}}.parquet"
        self.parts = f"results/parts/{self.part_detector}/{{shard}}.parquet"
        refitted: list[str] = config["submission"]["refit"]
        can = [name for name, kind in self.kinds.items() if kind.can_refit]
        _check_names("submission.refit", refitted, can)
        self._check()
        self.refitted: list[str] = [name for name in refitted if name in self.used_states]
        self.detected = self.found = "results/persons/detected/{shard}.parquet"
        self.boxes_given: dict[str, str] = {}
        looks: int = config["states"][PARSER]["predict"]["looks"]
        if PARSER in self.used_states and looks > 1:
            self.found = "results/persons/found/{shard}.parquet"
            parsed = "results/parser/persons/{shard}.parquet"
            self.boxes_given = {PARSER: parsed, "detected": self.detected}
        self.persons = "results/persons/grown/{shard}.parquet" if self.uses_pose else self.found

    def _check(self) -> None:
        config, sections = self._config, self._config["states"]
        acting = self._acting
        models = [*config["actions"], *acting]
        _check_names("methods.states", self.states, [*sections, *self.states_fusions])
        _check_names("methods.actions", self.actions, [*models, *self.fusions])
        for fusion in {*self.fusions} & {*config["actions"], *acting}:
            raise InputError(f"fusions.actions.{fusion}: there is an action model of this name")
        for fusion in {*self.states_fusions} & {*sections}:
            raise InputError(f"fusions.states.{fusion}: there is a state method of this name")
        for fusion in self.states_fusions:
            if fusion in ENSEMBLES or fusion.startswith("decide_"):
                raise InputError(f"fusions.states.{fusion}: there is an ensemble of this name")
        for fusion in {*self.fusions} & {*self.actions}:
            _check_names(f"fusions.actions.{fusion}", self.fusions[fusion], models)
        for fusion in {*self.states_fusions} & {*self.states}:
            members = [name for name in self.states if name not in self.states_fusions]
            _check_names(f"fusions.states.{fusion}", self.states_fusions[fusion], members)
        for name, kind in self.kinds.items():
            if setting := kind.action_model:
                used = sections[name][setting]
                _check_names(f"states.{name}.{setting}", [used], config["actions"])
                _check_network(f"states.{name}.{setting}", config["actions"][used]["train"], kind)
        for section in ("actions", "states"):
            if BEST in {*config[section], *config["fusions"][section]}:
                raise InputError(
                    f"{section}: {BEST!r} is the model that is chosen on val; call it otherwise"
                )
        _check_names("submission.action_model", [self.action_model], [*self.actions, BEST])
        _check_names("submission.part_detector", [self.part_detector], [*self.variants, BEST])
        _check_names("submission.parses", [self.final], [*self.states, *ENSEMBLES])
        self._check_keypoints()

    def _check_keypoints(self) -> None:
        for name in self.used_states:
            if not self.uses_pose and self._looks_at_tracks(name):
                setting = "states" if name in self.states else "actions"
                raise InputError(
                    f"methods.{setting}: {name} needs keypoints, which parts.variants: [dots] or"
                    " pose.source: parser predicts"
                )

    @property
    def _acting(self) -> list[str]:
        """The state methods that give an action as well."""
        return [name for name, kind in self.kinds.items() if kind.gives_actions]

    @property
    def used_states(self) -> list[str]:
        """The state methods that anything is taken of: states, an action, parts or keypoints."""
        models = _used([*self.actions, self.action_model], self.fusions)
        used = _used(self.states, self.states_fusions)
        used += [name for name in models if name in self._acting]
        if PARSER in self.variants or self.parses_pose:
            used.append(PARSER)
        return list(dict.fromkeys(used))

    @property
    def parts_given(self) -> list[str]:
        """The detectors whose parts the methods are given: all where val is yet to choose."""
        return self.variants if self.part_detector == BEST else [self.part_detector]

    @property
    def scored_actions(self) -> list[str]:
        """What gives actions that are scored: the models, and the best of them."""
        return list(dict.fromkeys([*self.actions, self.action_model]))

    def predicting(self, actions: Iterable[str]) -> list[str]:
        """Action models, and for fusions among them their members as well."""
        return _with_members(actions, self.fusions)

    def predicted_actions(self, actions: Iterable[str]) -> list[str]:
        """`predicting`, without the methods of states and what only chooses."""
        known = {*self._config["actions"], *self.fusions}
        return [name for name in self.predicting(actions) if name in known]

    def members_of(self, states: Iterable[str]) -> list[str]:
        """State methods, and for fusions among them their members as well."""
        return _with_members(states, self.states_fusions)

    def views_tracks(self, actions: Iterable[str]) -> bool:
        """Whether one of some action models sees tracked persons."""
        return any(self.views_persons(name) for name in actions if name in self._config["actions"])

    def uses_objects(self, states: Iterable[str]) -> bool:
        """Whether one of some state methods looks at detected objects."""
        return any(self.kinds[name].needs_objects for name in states if name in self.kinds)

    def uses_tracks(self, states: Iterable[str]) -> bool:
        """Whether one of some state methods looks at the keypoints of persons over time."""
        return any(map(self._looks_at_tracks, states))

    def _looks_at_tracks(self, name: str) -> bool:
        """Whether a method looks at the keypoints of persons over time."""
        if name in self.states_fusions:
            return False
        return self.kinds[name].needs_keypoints or self.joins_keypoints(name)

    def joins_keypoints(self, name: str) -> bool:
        """Whether a method's settings join keypoints to its other inputs."""
        return bool(self._config["states"][name].get("train", {}).get("keypoints"))

    def views_persons(self, model: str) -> bool:
        """Whether an action model sees each tracked person instead of the whole frame."""
        return bool(self._config["actions"][model].get("view") == "persons")

    def of_kind(self, rules: str) -> list[str]:
        """The methods of the config whose rules are in rules/states/RULES.smk."""
        return [name for name, kind in self.kinds.items() if kind.rules == rules]

    @property
    def rules(self) -> list[str]:
        """The files in rules/states/ of the methods that are run, without suffix."""
        return list(dict.fromkeys(self.kinds[name].rules for name in self.used_states))

    @property
    def own_boxes(self) -> dict[str, dict[str, str]]:
        """{method: where its persons and parts lie}, of those run that find their own."""
        return {
            name: {
                table: f"results/{name}/{table}/{{shard}}.parquet" for table in ("persons", "parts")
            }
            for name in self.states
            if name in self.kinds and self.kinds[name].own_boxes
        }

    def boxes_of(self, name: str) -> dict[str, str]:
        """Where the persons and parts are whose states a method gives."""
        return self.own_boxes.get(name, {"persons": self.persons, "parts": self.parts})

    def initial_model(self, name: str) -> list[str]:
        """The folder of the model that a method's networks start from, if it names one."""
        init = self._config["states"][name]["init"]
        kind = "states" if init in self._config["states"] else "actions"
        return [f"results/{kind}/{init}/model"] if init is not None else []

    @property
    def trained_states(self) -> list[str]:
        """The state methods whose models are needed, as they run or as others start from them."""
        sections = self._config["states"]
        chains = self.used_states
        for name in chains:  # grows while it is read
            init = sections.get(name, {}).get("init")
            if init in sections and init not in chains:
                chains.append(init)
        return chains

    @property
    def trained_actions(self) -> list[str]:
        """The action models that are needed, in the order of the config."""
        needed = set(_used([*self.actions, self.action_model], self.fusions))
        for name in self.trained_states:
            section = self._config["states"][name]
            needed |= {section.get("init"), section.get(self.kinds[name].action_model)}
        return [name for name in self._config["actions"] if name in needed]

    @property
    def uses_flow(self) -> bool:
        """Whether any network sees optical flow."""
        config = self._config
        sections = [config["actions"][name] for name in self.trained_actions]
        sections += [config["states"][name] for name in self.trained_states]
        return any(section.get("train", {}).get("modality") == "flow" for section in sections)

    @property
    def trainings(self) -> dict[str, Mapping[str, Any]]:
        """{its place in the config: settings} of every training of networks that is run."""
        config = self._config
        places: list[tuple[str, ...]] = [("persons",)]
        if self.uses_pose_net:
            places.append(("pose",))
        if {"dots", "plain"} & {*self.variants}:
            places.append(("parts",))
        if "single" in self.variants:
            places.append(("parts", "single"))
        places += [("actions", name) for name in self.trained_actions]
        places += [("states", name) for name in self.trained_states]
        if self.uses_objects(self.trained_states):
            places.append(("objects",))
        sections = {".".join((*place, "train")): _section(config, place) for place in places}
        return {place: own["train"] for place, own in sections.items() if "train" in own}

    @property
    def from_persons(self) -> dict[str, str]:
        """{place of its training: its setting `init`} of the detectors that start from persons'.

        Of no clip network, whose `init` is an action model, be it called `persons`: its `network`
        is a name with settings.
        """
        found = {}
        for place, training in self.trainings.items():
            section = "parts" if place == "parts.single.train" else place.removesuffix(".train")
            init = _section(self._config, section.split(".")).get("init")
            if init == "persons" and isinstance(training.get("network"), str):
                found[place] = f"{section}.init"
        return found

    def trained_models(self) -> dict[str, str]:
        """{name: model folder} of every network that is trained, the detectors' among them."""
        kinds = {name: self.kinds[name] for name in self.trained_states}
        models = {"persons": "results/persons/model"}
        if self.uses_pose_net:
            models["pose"] = "results/pose/model"
        detectors = [name for name in self.variants if name != PARSER]
        models |= {f"parts: {name}": f"results/parts/{name}/model" for name in detectors}
        actions = self.trained_actions
        models |= {f"action: {name}": f"results/actions/{name}/model" for name in actions}
        for name in sorted(kinds, key=lambda name: kinds[name].by_group):
            models |= kinds[name].models(name)
        models |= {f"{name}, refit": f"results/states/{name}/refit" for name in self.refitted}
        if self.uses_objects(kinds):
            models["objects"] = "results/objects/model"
        return models


def check_keypoints(config: Mapping[str, Any], data: DataSet) -> None:
    """Raise InputError where there is nothing to train the pose net on that a config asks for."""
    untrained = config["pose"]["source"] == PARSER or (
        "dots" in config["parts"]["variants"] and config["pose"]["train"]["weights"] is None
    )
    if not untrained or data.is_demo or config["dataset"]["test_only"]:
        return
    folder = data.root / "keypoints"
    if not folder.is_dir():
        raise InputError(
            f"{folder}: no such folder, and pose.train.weights is null: expected one to train the"
            " pose net on or to start from, or parts.variants: [parser, plain] to do without"
        )


def _section(config: Mapping[str, Any], place: Iterable[str]) -> Mapping[str, Any]:
    for name in place:
        config = config[name]
    return config


def _asked(name: str, candidates: list[str]) -> str:
    """What a setting names; of a single candidate nothing has to be chosen."""
    return candidates[0] if name == BEST and len(candidates) == 1 else name


def _used(names: Iterable[str], fusions: Mapping[str, Iterable[str]]) -> list[str]:
    """The names, with their members in the place of fusions."""
    members = [member for name in names for member in fusions.get(name, [name])]
    return list(dict.fromkeys(members))


def _with_members(names: Iterable[str], fusions: Mapping[str, Iterable[str]]) -> list[str]:
    """The names and, for fusions among them, their members after these."""
    asked = list(names)
    return list(dict.fromkeys([*asked, *_used(asked, fusions)]))


def _check_network(key: str, training: Mapping[str, Any], kind: Method) -> None:
    """Refuse an action model that a state method can't have a part of its own network from."""
    found = training["network"][0], training["modality"]
    if kind.action_network is not None and found != (kind.action_network, "rgb"):
        raise InputError(
            f"{key}: expected a {kind.action_network} on rgb, got {' on '.join(found)}"
        )


def _check_names(key: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a setting's names that nothing is known by."""
    known = tuple(known)
    for name in names:
        if name not in known:
            raise InputError(f"{key}: {name!r}{meant(name, known)} is none of {', '.join(known)}")


def best_of(ranking: Path, names: Sequence[str]) -> str:
    """The first in a table that ranks `names` in its column `variant`.

    The first of `names` where the table is empty, or is not there: then its rule says so.
    """
    if not ranking.is_file():
        return names[0]
    with ranking.open(newline="", encoding="utf-8") as file:
        return next((row["variant"] for row in csv.DictReader(file)), names[0])
