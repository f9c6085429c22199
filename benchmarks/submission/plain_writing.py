"""A submission written as one would write it first: dicts of dicts, then json.dump."""

import json
from pathlib import Path
from typing import Any

import pandas as pd


def write_files(folder: str, out: str) -> None:
    """Write the parts of all videos from the tables of `made_up/submission.py`."""
    frames, parses = (
        pd.concat(pd.read_parquet(path) for path in sorted(Path(folder, kind).iterdir()))
        for kind in ("frames", "parses")
    )
    with Path(out).open("w", encoding="utf-8") as file:
        json.dump(collect(frames, parses), file)


def collect(lengths: pd.DataFrame, parses: pd.DataFrame) -> dict[str, Any]:
    """The object of a submission's parts.

    Args:
        lengths: columns video, frames.
        parses: PARSES table of frames 1, 6, …, sorted by its key, of ten persons a frame at most.
    """
    videos: dict[str, Any] = {
        row.video: {
            f"img_{number:05d}.json": {"humans": []} for number in range(1, row.frames + 1, 5)
        }
        for row in lengths.itertuples()
    }
    humans: dict[tuple[str, int, int], Any] = {}
    for row in parses[parses["part"] == "person"].itertuples():
        human = {"number": row.person, "box": round_box(row), "parts": {}}
        humans[row.video, row.frame, row.person] = human
        videos[row.video][f"img_{row.frame:05d}.json"]["humans"].append(human)
    for row in parses[parses["part"] != "person"].itertuples():
        part = {"name": row.part, "number": 1, "box": [round_box(row)], "verb": [row.state]}
        humans[row.video, row.frame, row.person]["parts"][row.part] = part
    return videos


def round_box(row: Any) -> list[float]:
    """To a tenth of a pixel."""
    return [round(float(value), 1) for value in (row.x1, row.y1, row.x2, row.y2)]
