"""What each state method is: what it gives, and what it needs beside its settings.

A method says so itself, by a `Method` in the `settings` module of its folder. Nothing else lists
methods by name. Light, as those modules are: the workflow asks each time it is parsed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from pydantic import ConfigDict

from partparse import states
from partparse.errors import InputError, meant
from partparse.running.settings import Settings
from partparse.vocabulary import PART_GROUPS


class AnySettings(Settings):
    """Settings that only the method's programs know."""

    model_config = ConfigDict(extra="allow")


@dataclass(frozen=True, kw_only=True)
class Method:
    """A state method, or several that differ in their settings alone.

    These settings of any method have a meaning for the plan as well:

    - `init`: the trained model, of another method or of an action, that its training starts from;
    - `train.modality`: whether it sees frames or flow;
    - `train.keypoints`: whether it needs tracked persons.
    """

    names: str
    """Regular expression: which names under `states` in the config are this method."""
    rules: str
    """Its rules are in rules/states/RULES.smk."""
    settings: type[Settings] = AnySettings
    """What stands below its name in the config."""
    trains: bool = True
    """Whether it trains a network, results/states/NAME/model; False where it only counts, say."""
    by_group: bool = False
    """Whether it trains one for each part group: results/states/NAME/GROUP/model."""
    action_model: str | None = None
    """The setting that names an action model whose network is a part of its own."""
    action_network: str | None = None
    """The network that this action model has to have, on frames; None: any."""
    gives_actions: bool = False
    """Whether it writes results/actions/NAME/SHARD.parquet as well, and may be submitted by it."""
    own_boxes: bool = False
    """Whether it finds persons and parts itself: results/NAME/{persons,parts}/SHARD.parquet."""
    needs_objects: bool = False
    """Whether it looks at detected objects."""
    needs_keypoints: bool = False
    """Whether it looks at the keypoints of tracked persons, whatever its settings say."""

    can_refit: bool = False
    """Whether its rules train results/states/NAME/refit too: see `submission.refit`."""

    def models(self, name: str) -> dict[str, str]:
        """{label: folder} of the networks that the method of this name trains."""
        folder = f"results/states/{name}"
        if self.by_group:
            return {f"{name}: {group}": f"{folder}/{group}/model" for group in PART_GROUPS}
        return {name: f"{folder}/model"} if self.trains else {}


@cache
def known_methods() -> tuple[Method, ...]:
    """All methods, found by the folders of this package."""
    modules = (
        import_module(f"{states.__name__}.{found.name}.settings")
        for found in iter_modules(states.__path__)
        if found.ispkg
    )
    return tuple(v for module in modules for v in vars(module).values() if isinstance(v, Method))


def method_of(name: str, others: Iterable[str] = ()) -> Method:
    """What the method of this name in the config is.

    Raises InputError where there is none; `others`: names one of which may be meant.
    """
    for method in known_methods():
        if re.fullmatch(method.names, name):
            return method
    where = Path(states.__path__[0]) / name / "settings.py"
    raise InputError(
        f"states.{name}: there is no such method{meant(name, tuple(others))}: "
        f"it would say what it is in {where}"
    )
