"""The check of the settings before any work starts: the first fault, in one line."""

import math
import re
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from partparse.errors import InputError, meant

MAX_ENTRIES = 10_000
"""Settings have some hundred; YAML's aliases make any number of a few lines."""
LARGEST = 2**31
"""No whole number among the settings has a use from here on."""

MAX_DEPTH = 20

_SHOWN = 200  # characters of a fault that may quote a whole section


def check_config(config: Any, schema: Path) -> None:
    """Raise InputError that names the setting, where one is not as the schema's file wants it."""
    _check_values(config)
    rules = yaml.load(schema.read_bytes(), Loader=yaml.CSafeLoader)  # ten times as fast
    faults = jsonschema.Draft202012Validator(rules).iter_errors(config)
    fault = jsonschema.exceptions.best_match(faults)
    if fault is not None:
        raise InputError(f"config: {_dotted(fault.absolute_path)}{_describe(fault)}")


def _describe(fault: Any) -> str:
    """A fault in words; jsonschema's, but for a setting that there is not."""
    if fault.validator == "additionalProperties" and "properties" in fault.schema:
        known = tuple(fault.schema["properties"])
        patterns = fault.schema.get("patternProperties", ())
        others = (name for name in fault.instance if name not in known)
        unknown = next(name for name in others if not any(re.search(p, name) for p in patterns))
        return f"unknown setting {unknown!r}{meant(unknown, known)}; known: {', '.join(known)}"
    if len(fault.message) > _SHOWN:
        return f"…{fault.message[-_SHOWN:]}"
    return str(fault.message)


def _check_values(config: Any) -> None:
    """Refuse what JSON, in which programs get their settings, does not have, and what is endless.

    So that the schema is compared to plain values of a bounded number.
    """
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), config)]
    count = 0
    while waiting:
        path, value = waiting.pop()
        count += 1
        if count > MAX_ENTRIES:
            raise InputError(f"config: expected at most {MAX_ENTRIES} entries, aliases included")
        if len(path) > MAX_DEPTH:
            raise InputError(f"config: {path[0]}: expected at most {MAX_DEPTH} levels")
        where = f"config: {_dotted(path)}"
        if isinstance(value, dict):
            for name, inner in value.items():
                if not isinstance(name, str):
                    raise InputError(f"{where}the name {name!r}; expected text")
                waiting.append(((*path, name), inner))
        elif isinstance(value, list | tuple):
            waiting += [((*path, place), inner) for place, inner in enumerate(value)]
        elif isinstance(value, float) and not math.isfinite(value):
            raise InputError(f"{where}{value}; expected a finite number")
        elif isinstance(value, int) and not -LARGEST < value < LARGEST:
            raise InputError(f"{where}expected a number between -{LARGEST} and {LARGEST}")
        elif not isinstance(value, str | int | float | None):
            kind = type(value).__name__
            raise InputError(f"{where}a {kind}; expected text, a number, true, false or null")


def _dotted(path: Any) -> str:
    """`persons.train.epochs: `, or nothing for the config itself."""
    name = ".".join(map(str, path))
    return f"{name}: " if name else ""
