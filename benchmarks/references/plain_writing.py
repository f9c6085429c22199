"""A submission written as one would write it first: dicts of dicts, then json.dump."""

import json
from pathlib import Path
from typing import Any

import pandas as pd


def write_files(folder: str, out: str) -> None:
    """Write the parts of all videos from the tables of `made_up_submission.py`."""
    frames = pd.concat(pd.read_parquet(path) for path in sorted(Path(folder, "frames").iterdir()))
    parses = pd.concat(pd.read_parquet(path) for path in sorted(Path(folder, "parses").iterdir()))
    videos: dict[str, Any] = {
        row.video: {
            f"img_{number:05d}.json": {"humans": []} for number in range(1, row.frames + 1, 5)
        }
        for row in frames.itertuples()
    }
    humans: dict[tuple[str, int, int], Any] = {}
    for row in parses[parses["part"] == "person"].itertuples():
        human = {"number": row.person, "box": _round(row), "parts": {}}
        humans[row.video, row.frame, row.person] = human
        videos[row.video][f"img_{row.frame:05d}.json"]["humans"].append(human)
    for row in parses[parses["part"] != "person"].itertuples():
        part = {"name": row.part, "number": 1, "box": [_round(row)], "verb": [row.state]}
        humans[row.video, row.frame, row.person]["parts"][row.part] = part
    with Path(out).open("w", encoding="utf-8") as file:
        json.dump(videos, file)


def _round(row: Any) -> list[float]:
    return [round(float(value), 1) for value in (row.x1, row.y1, row.x2, row.y2)]
