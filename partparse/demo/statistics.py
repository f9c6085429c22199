"""How hard the states are: what a constant answer a class or a video would get right."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from partparse.demo.dataset import OBJECTS
from partparse.demo.plan import DemoSettings, plan_videos
from partparse.vocabulary import PARTS

Counts = dict[str, dict[str, Counter[str]]]


def measure(root: Path, settings: DemoSettings) -> dict[str, Any]:
    """Statistics of a written data set.

    Returns:
        `parts`: per part, its number of annotations, the share of them that has the most
        frequent state of the part in its action (`class_constant`) and in its video
        (`video_constant`), and how often each state occurs (`states`); further `frames`,
        `persons`, `parts_per_person` and `hand_size` (median of the longer side, pixels).
    """
    by_class: Counts = defaultdict(lambda: defaultdict(Counter))
    by_video: Counts = defaultdict(lambda: defaultdict(Counter))
    persons, annotated, frames = 0, 0, 0
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
                    annotated += 1
                    by_class[part["name"]][entry.action][part["verb"]] += 1
                    by_video[part["name"]][entry.video][part["verb"]] += 1
                    if part["name"].endswith("hand"):
                        x1, y1, x2, y2 = part["box"]
                        sizes.append(max(x2 - x1, y2 - y1) + 1)
    return {
        "videos": len(plan_videos(settings)),
        "frames": frames,
        "persons": persons,
        "parts_per_person": round(annotated / max(persons, 1), 2),
        "hand_size": sorted(sizes)[len(sizes) // 2] if sizes else 0,
        "objects": {name: objects[name] for name in OBJECTS},
        "parts": {part: _of_part(by_class[part], by_video[part]) for part in PARTS},
    }


def _constant(groups: dict[str, Counter[str]]) -> float:
    """Share that the most frequent state of each group gets right."""
    right = sum(max(counts.values()) for counts in groups.values())
    return right / max(sum(counts.total() for counts in groups.values()), 1)


def _of_part(
    by_class: dict[str, Counter[str]], by_video: dict[str, Counter[str]]
) -> dict[str, Any]:
    states: Counter[str] = Counter()
    for counts in by_class.values():
        states.update(counts)
    return {
        "annotations": states.total(),
        "class_constant": round(_constant(by_class), 4),
        "video_constant": round(_constant(by_video), 4),
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
