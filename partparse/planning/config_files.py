"""The config of a run, from its files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from partparse.errors import InputError


def merge(base: Any, overlay: Any) -> Any:
    """What Snakemake makes of a config file and an overlay."""
    if not isinstance(base, Mapping) or not isinstance(overlay, Mapping):
        return overlay
    return {**base, **{key: merge(base.get(key), value) for key, value in overlay.items()}}


def read_config(base: Path, overlays: Sequence[Path]) -> Any:
    """The config that Snakemake runs with `--configfile` overlays, not checked yet.

    Raises InputError where a file is missing or no YAML, with its line.
    """
    config: Any = {}
    for path in (base, *overlays):
        try:
            config = merge(config, yaml.safe_load(path.read_text(encoding="utf-8")) or {})
        except yaml.MarkedYAMLError as error:
            place = error.problem_mark or error.context_mark
            line = "" if place is None else f"line {place.line + 1}, column {place.column + 1}: "
            raise InputError(f"{path}: {line}{error.problem}; expected YAML") from None
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            reason = " ".join(str(error).split())
            raise InputError(f"{path}: can't be read as settings: {reason}") from None
    return config
