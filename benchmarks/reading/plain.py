"""Annotation files to rows as one would write it first: json.load, loops that check."""

import json
import math
from pathlib import Path
from typing import Any

Row = tuple[str, int, int, str, float, float, float, float, str | None]
SIZE = (320, 240)
"""Of the made-up videos."""


def read_folders(root: str, files: str) -> list[Row]:
    """The rows of the first videos that have about so many files: persons and their parts."""
    lists = [
        (Path(root) / "list" / f"{name}.txt").read_text().split()
        for name in ("body_part", "part_stat")
    ]
    rows: list[Row] = []
    left = int(files)
    for folder in sorted((Path(root) / "train_annotations").glob("*/*")):
        if left <= 0:
            break
        paths = sorted(folder.iterdir())
        left -= len(paths)
        for path in paths:
            rows += read_file(folder.name, path, *lists)
    return rows


def read_file(video: str, path: Path, parts: list[str], states: list[str]) -> list[Row]:
    """The rows of one frame. Raises ValueError where something is not as it should be."""
    frame = int(path.stem.removeprefix("img_"))
    with path.open(encoding="utf-8") as file:
        document = json.load(file)
    rows: list[Row] = []
    numbers = set()
    for human in document["humans"]:
        number = human["number"]
        if not isinstance(number, int) or number < 1 or number in numbers:
            raise ValueError(f"{path}: human {number}")
        numbers.add(number)
        rows.append((video, frame, number, "person", *clip(human["box"]), None))
        for name, part in human["parts"].items():
            if name not in parts or part["verb"] not in states:
                raise ValueError(f"{path}: human {number}, {name}")
            rows.append((video, frame, number, name, *clip(part["box"]), part["verb"]))
    for thing in document["objects"]:
        clip(thing["box"])
    return rows


def clip(box: Any) -> tuple[float, float, float, float]:
    """A box within the picture. Raises ValueError for what is none."""
    if len(box) != 4 or not all(isinstance(v, int | float) and math.isfinite(v) for v in box):
        raise ValueError(f"{box}: expected four numbers")
    x1, y1, x2, y2 = box
    width, height = SIZE
    if x2 < x1 or y2 < y1 or x2 < 0 or y2 < 0 or x1 >= width or y1 >= height:
        raise ValueError(f"{box}: outside the picture")
    return max(x1, 0), max(y1, 0), min(x2, width - 1), min(y2, height - 1)
