"""The parse of one video as a document that people and programs read; docs/parse.md explains it.

Boxes and keypoints are in pixels of the video, x right, y down; a box is x1, y1, x2, y2, corners
inclusive. Coordinates have two decimals, scores and probabilities four, seconds six.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd

from partparse import tables
from partparse.boxes import Floats
from partparse.errors import InputError
from partparse.files.atomic import atomic_path
from partparse.inference.parse import Parse
from partparse.sampling import scored
from partparse.tables import BOX, PARSED, empty, probability_columns, probability_names
from partparse.vocabulary import KEYPOINTS, PERSON

TOP = 5  # actions that are listed

_LONGEST_HEAD = 1 << 20  # characters of a document before its frames: they are some thousands
_FRAMES = '  "frames": [\n'
_NOBODY = empty(PARSED)

Record = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """Who is in the files of a parse, and for how long at least."""

    score: float
    """Persons below it are left out."""
    persons: int
    """Persons drawn a frame at most, by falling score."""
    shortest: float
    """Seconds that a span of the time line lasts at least, see `trace_states`."""


def make_head(
    parse: Parse,
    shown: Shown,
    run: Mapping[str, Any] | None,
    file: str | None = None,
    notes: Sequence[str] = (),
) -> Record:
    """What a document says before it comes to the frames.

    Args:
        parse: of the video.
        shown: who is in it.
        run: what is said of the run that was applied.
        file: the video's, relative to the document's folder.
        notes: what has to be known before anything of it is believed.
    """
    likeliest = sorted(parse.probabilities, key=parse.probabilities.__getitem__, reverse=True)
    actions = [
        {"name": name, "probability": round(parse.probabilities[name], 4)}
        for name in [parse.action, *likeliest[:TOP]]
    ]
    return {
        "video": parse.name,
        "file": file,
        "source": parse.source,
        "run": run,
        "method": parse.method,
        "width": parse.width,
        "height": parse.height,
        "fps": parse.fps,
        "length": parse.length,
        "stride": parse.stride,
        "score": shown.score,
        "shortest": shown.shortest,
        "problem": parse.problem,
        "notes": list(notes),
        "action": actions[0] | {"top": actions[1:]},
        "actions": list(_windows(parse)),
    }


def _windows(parse: Parse) -> Iterator[Record]:
    """The action of each window of the video."""
    names = probability_names(parse.actions)
    chances = parse.actions[probability_columns(names)].to_numpy(float)
    ends = parse.actions[["first_frame", "last_frame", "action"]].itertuples(index=False)
    for (first, last, action), chance in zip(ends, chances, strict=True):
        yield {
            "first_frame": int(first),
            "last_frame": int(last),
            "name": action,
            "probability": round(float(chance[names.index(action)]), 4),
        }


def list_frames(parse: Parse) -> Iterator[Record]:
    """What a document says of each parsed frame."""
    by_frame = dict(list(parse.parses.groupby("frame")))
    points = dict(list(parse.keypoints.groupby("frame")))
    for number in map(int, scored(parse.length, parse.stride)):
        yield {
            "frame": number,
            "seconds": _seconds(parse.times[number - 1]),
            "persons": _persons(by_frame.get(number, _NOBODY), points.get(number)),
        }


def _seconds(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)


def _persons(rows: pd.DataFrame, keypoints: pd.DataFrame | None) -> list[Record]:
    """The persons of a frame, by number."""
    persons: dict[int, Record] = {}
    parts: dict[int, Record] = {}
    points: dict[int, Floats] = {}
    if keypoints is not None:
        values = tables.pack_keypoints(keypoints)
        points = dict(zip(map(int, keypoints["person"]), values, strict=True))
    boxes = rows[BOX].to_numpy(float).round(2).tolist()
    columns = rows[["person", "part", "score", "state", "state_probability", "track"]]
    for box, row in zip(boxes, columns.itertuples(index=False), strict=True):
        person, part, score, state, probability, track = row
        shown = {"box": box, "score": round(float(score), 4)}
        if part == PERSON:
            own = points.get(int(person))
            named = None if own is None else _keypoints(own)
            known = int(track) if track > 0 else None
            numbers = {"person": int(person), "track": known}
            persons[int(person)] = {**numbers, **shown, "keypoints": named}
        else:
            stated = {"state": state, "state_probability": round(float(probability), 4)}
            parts.setdefault(int(person), {})[part] = {**shown, **stated}
    return [persons[number] | {"parts": parts.get(number, {})} for number in sorted(persons)]


def _keypoints(points: Floats) -> Record:
    values = points.astype(float)
    return {
        name: [round(x, 2), round(y, 2), round(score, 4)]
        for name, (x, y, score) in zip(KEYPOINTS, values.tolist(), strict=True)
    }


def write_record(path: Path, head: Record, frames: Iterator[Record]) -> None:
    """Write a document as JSON, atomically: a line for each frame, so that it can be looked at."""
    said = orjson.dumps(head, option=orjson.OPT_INDENT_2).removesuffix(b"\n}")
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        file.write(said + b",\n" + _FRAMES.encode())
        for place, frame in enumerate(frames):
            file.write((b",\n    " if place else b"    ") + orjson.dumps(frame))
        file.write(b"\n  ]\n}\n")


def read_head(path: Path) -> Record:
    """What `write_record` wrote before the frames. Raises InputError where it is something else."""
    try:
        with path.open(encoding="utf-8") as file:
            text, end = "", False
            while line := file.readline(_LONGEST_HEAD):
                if end := line == _FRAMES:
                    break
                text += line
                if len(text) > _LONGEST_HEAD:
                    break
        if end and isinstance(head := orjson.loads(text.rstrip().rstrip(",") + "}"), dict):
            return head
    except (orjson.JSONDecodeError, UnicodeDecodeError, OSError):
        pass
    raise InputError(f"{path}: not a parse of a video; expected what `partparse parse` wrote")
