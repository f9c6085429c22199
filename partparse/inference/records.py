"""The parse of one video as a document that people and programs read; docs/parse.md explains it.

Boxes and keypoints are in pixels of the video, x right, y down; a box is x1, y1, x2, y2, corners
inclusive. Coordinates have two decimals, scores and probabilities four.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pandas as pd

from partparse.boxes import Floats
from partparse.errors import InputError
from partparse.files.atomic import atomic_path, read_bytes
from partparse.inference.parsed import Parsed
from partparse.sampling import scored
from partparse.tables import BOX, PARSES, empty
from partparse.vocabulary import KEYPOINTS, PERSON

MAX_BYTES = 4 << 30
"""Of such a document: an hour, each frame parsed with ten persons, has some two hundred MB."""
TOP = 5  # actions that are listed

_NOBODY = empty(PARSES)

Record = dict[str, Any]


def make_record(parsed: Parsed, method: str, stride: int, run: Mapping[str, Any] | None) -> Record:
    """The document of a video.

    Args:
        parsed: of the video.
        method: whose parse it is.
        stride: each `stride`-th frame is parsed, from the first on.
        run: what is said of the run that was applied.
    """
    length, fps = int(parsed.frames["frames"]), parsed.frames["fps"]
    known = float(fps) if pd.notna(fps) else None
    by_frame = dict(list(parsed.parses.groupby("frame")))
    likeliest = sorted(parsed.probabilities, key=parsed.probabilities.__getitem__, reverse=True)
    actions = [
        {"name": name, "probability": round(parsed.probabilities[name], 4)}
        for name in [parsed.action, *likeliest[:TOP]]
    ]
    return {
        "video": parsed.video["video"],
        "source": parsed.video["source"],
        "run": run,
        "method": method,
        "width": int(parsed.frames["width"]),
        "height": int(parsed.frames["height"]),
        "fps": known,
        "length": length,
        "stride": stride,
        "problem": parsed.frames["problem"] if pd.notna(parsed.frames["problem"]) else None,
        "action": actions[0] | {"top": actions[1:]},
        "frames": [
            {
                "frame": int(number),
                "seconds": None if known is None else round((int(number) - 1) / known, 3),
                "persons": _persons(
                    by_frame.get(number, _NOBODY), parsed.keypoints.get(int(number), {})
                ),
            }
            for number in scored(length, stride)
        ],
    }


def _persons(rows: pd.DataFrame, keypoints: Mapping[int, Floats]) -> list[Record]:
    """The persons of a frame, by number."""
    persons: dict[int, Record] = {}
    parts: dict[int, Record] = {}
    boxes = rows[BOX].to_numpy(float).round(2).tolist()
    columns = rows[["person", "part", "score", "state"]].itertuples(index=False)
    for box, (person, part, score, state) in zip(boxes, columns, strict=True):
        shown = {"box": box, "score": round(float(score), 4)}
        if part == PERSON:
            points = keypoints.get(int(person))
            named = None if points is None else _keypoints(points)
            persons[int(person)] = {"person": int(person), **shown, "keypoints": named}
        else:
            parts.setdefault(int(person), {})[part] = {**shown, "state": state}
    return [persons[number] | {"parts": parts.get(number, {})} for number in sorted(persons)]


def _keypoints(points: Floats) -> Record:
    values = points.astype(float)
    return {
        name: [round(x, 2), round(y, 2), round(score, 4)]
        for name, (x, y, score) in zip(KEYPOINTS, values.tolist(), strict=True)
    }


def write_record(path: Path, record: Record) -> None:
    """Write a document as JSON, atomically: a line for each frame, so that it can be looked at."""
    head = orjson.dumps(
        {k: v for k, v in record.items() if k != "frames"}, option=orjson.OPT_INDENT_2
    )
    frames = b",\n    ".join(map(orjson.dumps, record["frames"]))
    with atomic_path(path) as temporary:
        temporary.write_bytes(
            head.removesuffix(b"\n}") + b',\n  "frames": [\n    ' + frames + b"\n  ]\n}\n"
        )


def read_record(path: Path) -> Record:
    """Read what `write_record` wrote. Raises InputError where it is something else."""
    try:
        record = orjson.loads(read_bytes(path, MAX_BYTES))
        if {"video", "source", "run", "stride", "frames"} <= set(record):
            return record
    except (orjson.JSONDecodeError, TypeError):
        pass
    raise InputError(f"{path}: not a parse of a video; expected what `partparse parse` wrote")
