"""What the full recipe needs besides a data set, so that it can be planned without any weights."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from partparse.dataset.lists import PART_LIST, STATE_LIST
from partparse.files.catalogue import catalogue
from partparse.vocabulary import PARTS

ACTIONS = 24

Config = Mapping[str, Any]


def entries(config: Config, key: str, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, value) of every entry named `key`, however deep; paths are names joined by dots."""
    for name, value in config.items():
        here = f"{path}.{name}" if path else name
        if name == key:
            yield here, value
        if isinstance(value, dict):
            yield from entries(value, key, here)


def write_videos(root: Path, counts: Mapping[str, int]) -> None:
    """Empty files in the place of the videos of train and test, in as many actions as there are.

    The lists of parts and states are those that a run looks for before it starts.
    """
    for path, names in ((PART_LIST, PARTS), (STATE_LIST, ["none"])):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("\n".join(names), encoding="utf-8")
    for split, count in counts.items():
        for action in range(ACTIONS):
            (root / f"{split}_videos" / f"action_{action:02}").mkdir(parents=True)
        for index in range(count):
            place = root / f"{split}_videos" / f"action_{index % ACTIONS:02}"
            (place / f"{split}_{index:05}.mp4").touch()


def write_weights(folder: Path, config: Config) -> dict[str, Any]:
    """Empty files in the place of a recipe's weights that users put there; returns an overlay."""
    kept = folder / "weights"
    kept.mkdir()
    for _, name in entries(config, "weights"):
        entry = catalogue().get(name)
        if entry and entry.address is None:
            (kept / entry.file_name).touch()
    return {"resources": {"weights_folder": str(kept)}}


def every_method(config: Config) -> dict[str, Any]:
    """An overlay by which all methods that a recipe has settings for are run."""
    actions = [*config["actions"], *config["fusions"]["actions"], "skeleton", "baseline"]
    states = [*config["states"], *config["fusions"]["states"]]
    return {
        "methods": {"actions": actions, "states": states},
        "parts": {"variants": ["dots", "plain", "single"]},
    }


def write_overlay(folder: Path, overlay: Config) -> Path:
    """Write an overlay into a folder."""
    path = folder / "overlay.yaml"
    path.write_text(yaml.safe_dump(dict(overlay)), encoding="utf-8")
    return path
