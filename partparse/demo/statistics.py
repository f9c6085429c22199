"""How hard the states are: what a constant answer a class or a video would get right."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from partparse.demo.dataset import OBJECTS
from partparse.demo.plan import DemoSettings, plan_videos
from partparse.vocabulary import PARTS


def measure(root: Path, settings: DemoSettings) -> dict[str, Any]:
    """Statistics of a written data set.

    Returns:
        `parts`: per part, its number of annotations, the share of them that has the most
        frequent state of the part in its action (`class_constant`) and in its video
        (`video_constant`), and how often each state occurs (`states`); further `frames`,
        `persons`, `parts_per_person` and `hand_size` (median of the longer side, pixels).
    """
    persons, frames = 0, 0
    rows: list[tuple[str, str, str, str]] = []
    sizes: list[int] = []
    objects: Counter[str] = Counter()
    for entry in plan_videos(settings):
        folder = root / f"{entry.split}_annotations" / entry.action / entry.video
        for path in sorted(folder.glob("img_*.json")):
            frames += 1
            annotation = json.loads(path.read_bytes())
            objects.update(thing["name"] for thing in annotation["objects"])
            for human in annotation["humans"]:
                persons += 1
                for part in human["parts"].values():
                    rows.append((part["name"], entry.action, entry.video, part["verb"]))
                    if part["name"].endswith("hand"):
                        x1, y1, x2, y2 = part["box"]
                        sizes.append(max(x2 - x1, y2 - y1) + 1)
    parts = pd.DataFrame(rows, columns=["part", "action", "video", "verb"])
    return {
        "videos": len(plan_videos(settings)),
        "frames": frames,
        "persons": persons,
        "parts_per_person": round(len(rows) / max(persons, 1), 2),
        "hand_size": sorted(sizes)[len(sizes) // 2] if sizes else 0,
        "objects": {name: objects[name] for name in OBJECTS},
        "parts": {part: _of_part(parts[parts["part"] == part]) for part in PARTS},
    }


def _constant(rows: pd.DataFrame, group: str) -> float:
    """Share that the most frequent state of each group gets right."""
    most = rows.value_counts([group, "verb"]).groupby(group).max()
    return round(int(most.sum()) / max(len(rows), 1), 4)


def _of_part(rows: pd.DataFrame) -> dict[str, Any]:
    states: Counter[str] = Counter()
    for _, own in rows.groupby("action", sort=False):
        states.update(own["verb"])
    return {
        "annotations": len(rows),
        "class_constant": _constant(rows, "action"),
        "video_constant": _constant(rows, "video"),
        "states": dict(states.most_common()),
    }


def table(measured: dict[str, Any]) -> str:
    """The statistics as a Markdown table, with a line of totals before it."""
    lines = [
        f"{measured['videos']} videos, {measured['frames']} frames, {measured['persons']} persons, "
        f"{measured['parts_per_person']} annotated parts a person, "
        f"hands of {measured['hand_size']} pixels (median)",
        "",
        "| part | annotations | class's constant state | video's constant state | states |",
        "|---|---|---|---|---|",
    ]
    for part, row in measured["parts"].items():
        total = max(row["annotations"], 1)
        states = ", ".join(f"{name} {100 * n / total:.0f}" for name, n in row["states"].items())
        lines.append(
            f"| {part} | {row['annotations']} | {100 * row['class_constant']:.0f} % "
            f"| {100 * row['video_constant']:.0f} % | {states} |"
        )
    return "\n".join(lines)
