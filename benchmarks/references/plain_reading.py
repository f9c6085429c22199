"""Annotation files to rows as one would write it first: a json.load and loops, no checks."""

import json
from pathlib import Path

Row = tuple[str, int, int, str, float, float, float, float, str | None]


def read_folders(root: str, files: str) -> list[Row]:
    """The rows of the first videos that have about so many files: persons and their parts."""
    rows: list[Row] = []
    left = int(files)
    for folder in sorted((Path(root) / "train_annotations").glob("*/*")):
        if left <= 0:
            break
        paths = sorted(folder.iterdir())
        left -= len(paths)
        for path in paths:
            rows += read_file(folder.name, path)
    return rows


def read_file(video: str, path: Path) -> list[Row]:
    """The rows of one frame."""
    frame = int(path.stem.removeprefix("img_"))
    with path.open(encoding="utf-8") as file:
        document = json.load(file)
    rows: list[Row] = []
    for human in document["humans"]:
        rows.append((video, frame, human["number"], "person", *human["box"], None))
        for name, part in human["parts"].items():
            rows.append((video, frame, human["number"], name, *part["box"], part["verb"]))
    return rows
