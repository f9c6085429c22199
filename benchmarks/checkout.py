"""The workflow that is measured: where it lies, its demo's settings, the commands of its stages."""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RECIPE = ROOT / "configs" / "kinetics_tps.yaml"


def settings(*keys: str, path: Path = ROOT / "config.yaml") -> Any:
    """What a configuration says under some keys, one within the other."""
    import yaml  # not by measuring processes, which stay small

    found = yaml.safe_load(path.read_text("utf-8"))
    for key in keys:
        found = found[key]
    return found


def stage(name: str, *words: str, **arguments: object) -> list[str]:
    """The command of a stage; lists are written word by word."""
    command = [sys.executable, str(ROOT / "scripts" / f"{name}.py"), *words]
    for key, value in arguments.items():
        values = value if isinstance(value, list) else [value]
        command += [f"--{key.replace('_', '-')}", *map(str, values)]
    return command
