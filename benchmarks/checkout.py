"""The workflow that is measured: where it lies, its demo's settings, the commands of its stages."""

import sys
from pathlib import Path
from typing import Any

from partparse.planning.programs import command

ROOT = Path(__file__).resolve().parents[1]
RECIPE = ROOT / "configs" / "kinetics_tps.yaml"


def settings(*keys: str, path: Path = ROOT / "config.yaml") -> Any:
    """What a configuration says under some keys, one within the other."""
    import yaml  # not by measuring processes, which stay small

    found = yaml.safe_load(path.read_text("utf-8"))
    for key in keys:
        found = found[key]
    return found


def stage(name: str, **arguments: object) -> list[str]:
    """The command of a stage's program; lists are written word by word."""
    return [sys.executable, *command(ROOT / "scripts" / f"{name}.py", (), (), arguments, {})]
