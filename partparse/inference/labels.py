"""The parse of a video as labels, which go to other tools to be looked at and corrected."""

from pathlib import Path
from typing import Any

import numpy as np
import orjson

from partparse.dataset.exchange.labels import Clip, Frame, Labels, Part, Person, as_box
from partparse.dataset.frame_check import Size, outside
from partparse.errors import InputError
from partparse.files.atomic import read_bytes
from partparse.vocabulary import KEYPOINTS

MAX_BYTES = 4 << 30
"""Of a parse: an hour, each frame parsed with ten persons, has some two hundred MB."""


def read_parse(path: Path) -> tuple[Labels, dict[int, float]]:
    """The labels of VIDEO.json as `partparse parse` wrote it, and when frames are shown.

    A person has the number of its track, by which it is the same in all frames; one that is on no
    track has a number of its own in each frame. Parts that lie outside the picture are left out:
    a network may expect them there, but no tool can show them, and no data set can hold them.
    Times are in seconds; where they are not known, there are none.

    Raises InputError for another file.
    """
    try:
        record = orjson.loads(read_bytes(path, MAX_BYTES))
        size = int(record["width"]), int(record["height"])
        # parses of before did not say where the video is
        file = record.get("file") or f"{record['video']}.mp4"
        clip = Clip(
            str(record["video"]),
            path.parent / file,
            str(record["action"]["name"]),
            size,
            int(record["length"]),
        )
        frames, times, free = {}, {}, _first_free(record["frames"])
        for entry in record["frames"]:
            number = int(entry["frame"])
            frames[number] = Frame()
            if entry["seconds"] is not None:
                times[number] = float(entry["seconds"])
            for person in entry["persons"]:
                # parses of before had no tracks, but numbers in each frame
                track = person.get("track", person["person"])
                free += track is None
                frames[number].persons[free if track is None else int(track)] = _person(
                    person, size
                )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{path}: not a parse of a video; expected what `partparse parse` wrote"
        ) from None
    return Labels(clip, frames), times


def _first_free(entries: list[dict[str, Any]]) -> int:
    """The highest number of a track."""
    tracks = (person.get("track") or 0 for entry in entries for person in entry["persons"])
    return max(tracks, default=0)


def _person(said: dict[str, Any], size: Size) -> Person:
    parts = {
        name: Part(as_box(part["box"]), str(part["state"]))
        for name, part in said["parts"].items()
        if not outside(np.array([part["box"]], float), size)[0]
    }
    points = said["keypoints"]
    joints = None
    if points is not None:
        joints = tuple((x, y, score) for x, y, score in (points[name] for name in KEYPOINTS))
    return Person(as_box(said["box"]), parts, joints)
