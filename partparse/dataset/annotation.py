"""The annotations of a video: a folder of img_%05d.json, one a frame.

Reading is fast where all is well: rows are gathered without a look at them and checked as whole
arrays. Only where that finds something odd, `check_frame` goes through the entries one by one and
says which is wrong and what was expected.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from partparse import boxes
from partparse.dataset.frame_check import LARGEST, Size, check_frame, outside
from partparse.dataset.layout import list_folder
from partparse.errors import InputError, Report, refuse
from partparse.files.atomic import MAX_JSON, parse_json, read_bytes
from partparse.files.json_pieces import no_cycles
from partparse.frames.names import frame_number, refuse_zero
from partparse.row_keys import NUMBERS
from partparse.vocabulary import PARTS, PERSON, Vocabulary

Document = tuple[int, Any]


@dataclass(frozen=True)
class PersonRows:
    """Persons and parts of one video: R rows, a person's own before those of its parts."""

    frame: NDArray[np.int32]  # (R,) from 1
    person: NDArray[np.int32]  # (R,) from 1
    part: tuple[str, ...]  # R names, or "person" for the person's own row
    box: NDArray[np.float32]  # (R, 4) xyxy
    state: tuple[str | None, ...]  # None on the person's own row


@dataclass(frozen=True)
class ObjectRows:
    """Objects of one video: R rows."""

    frame: NDArray[np.int32]
    object: NDArray[np.int32]  # its number, from 1 in each frame
    name: tuple[str, ...]
    box: NDArray[np.float32]  # (R, 4) xyxy


@dataclass(frozen=True)
class VideoAnnotations:
    """All that is annotated in one video."""

    persons: PersonRows
    objects: ObjectRows
    frames: NDArray[np.int32]  # (F,) that are annotated, those without anybody too
    clipped: NDArray[np.int32]  # a frame's number for each box that was moved into the picture


def read_video(
    folder: Path, vocabulary: Vocabulary, size: Size | None, report: Report = refuse
) -> VideoAnnotations:
    """Read a video's annotations; `size` is the picture's width and height, where it is known.

    Boxes that stick out of the picture are clipped to it. A human without a number gets its place
    in the list, from 1. Raises InputError that names file and entry for broken JSON, an unknown
    part or state, a number that stands twice, a box that is none or lies outside the picture; or
    hands `report` the message, leaves the frame out, and goes on.
    """
    try:
        with no_cycles():
            found = _build(_gather(read_documents(folder)), vocabulary, size)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        found = None
    if found is None:
        found = _build(_gather(_sound(folder, vocabulary, size, report)), vocabulary, size)
    if found is None:
        raise AssertionError(f"{folder}: rows are refused that check_frame accepts")
    return found


def _sound(
    folder: Path, vocabulary: Vocabulary, size: Size | None, report: Report
) -> Iterator[Document]:
    """The documents without a fault; every fault of the others is reported."""
    for number, document in read_documents(folder, report):
        faults: list[str] = []

        def tell(fault: str, faults: list[str] = faults) -> None:
            faults.append(fault)
            report(fault)

        check_frame(document, json_path(folder, number), vocabulary, size, tell, strict=False)
        if not faults:
            yield number, document


def read_documents(folder: Path, report: Report = refuse) -> Iterator[Document]:
    """Frame number and parsed JSON of each file, by number; broken files are reported.

    Files that are numbered from 0 are one fault, and none of them is read.
    """
    try:
        refuse_zero(folder, "json")
    except InputError as error:
        report(str(error))
        return
    for name in (entry.name for entry in list_folder(folder)):
        number = frame_number(name, "json")
        if number is None:
            report(f"{folder / name}: not an annotation; expected img_00001.json, …")
            continue
        path = f"{folder}/{name}"
        try:
            data = read_bytes(path, MAX_JSON)
            try:
                document = orjson.loads(data)
            except ValueError:
                document = parse_json(data, path)  # takes more than orjson; says what is broken
        except InputError as error:
            report(str(error))
            continue
        yield number, document


def json_path(folder: Path, number: int) -> Path:
    """The annotation file of a frame."""
    return folder / f"img_{number:05d}.json"


@dataclass
class _Gathered:
    """What stands in the files of a video, unchecked."""

    frames: list[int] = field(default_factory=list)
    humans: list[tuple[int, int, int]] = field(default_factory=list)
    """Frame, number and how many parts."""
    part: list[str] = field(default_factory=list)
    name: list[str] = field(default_factory=list)  # what the part is called within its entry
    state: list[str | None] = field(default_factory=list)
    box: list[Any] = field(default_factory=list)
    things: list[tuple[int, int, str]] = field(default_factory=list)  # frame, index from 1, name
    thing_box: list[Any] = field(default_factory=list)


def _build(found: _Gathered, vocabulary: Vocabulary, size: Size | None) -> VideoAnnotations | None:
    """The rows of all frames, or None where any is not as it should be."""
    frame, person, parts = (np.array(column) for column in _columns(found.humans))
    where, index, name = _columns(found.things)
    all_boxes = _as_boxes([*found.box, *found.thing_box])
    sound = (
        all_boxes is not None
        and (size is None or not outside(all_boxes, size).any())
        and (person.dtype.kind == "i" or not len(person))
        and bool(((person >= 1) & (person < NUMBERS)).all())
        and set(found.part) <= {PERSON, *PARTS}
        and found.name == found.part
        and found.part.count(PERSON) == len(person)
        and set(found.state) <= {None, *vocabulary.states}
        and found.state.count(None) == len(person)
        and all(type(text) is str for text in name)
        and len(set(zip(frame.tolist(), person.tolist(), strict=True))) == len(person)
    )
    if not sound or all_boxes is None:
        return None
    kept = all_boxes if size is None else boxes.clip(all_boxes, size)
    moved = (kept != all_boxes).any(axis=1)
    frames, persons = (_ints(np.repeat(values, _ints(parts) + 1)) for values in (frame, person))
    return VideoAnnotations(
        PersonRows(
            frames, persons, tuple(found.part), _floats(kept[: len(frames)]), tuple(found.state)
        ),
        ObjectRows(_ints(where), _ints(index), name, _floats(kept[len(frames) :])),
        _ints(found.frames),
        np.append(frames, _ints(where))[moved],
    )


def _columns(rows: list[tuple[Any, Any, Any]]) -> Iterator[tuple]:
    return zip(*rows, strict=True) if rows else iter(((), (), ()))


def _gather(documents: Iterable[Document]) -> _Gathered:
    """What stands in the files; a file's document is let go before the next is read.

    Raises whatever Python raises where an entry is missing or of another kind.
    """
    found = _Gathered()
    for frame, document in documents:
        found.frames.append(frame)
        for position, human in enumerate(_list(document["humans"]), start=1):
            parts = human.get("parts", {})
            entries = parts.values()
            found.humans.append((frame, human.get("number", position), len(parts)))
            found.part += [PERSON, *parts]
            found.name += [PERSON, *[entry.get("name", part) for part, entry in parts.items()]]
            found.state += [None, *[entry["verb"] for entry in entries]]
            found.box += [human["box"], *[entry["box"] for entry in entries]]
        for index, thing in enumerate(_list(document.get("objects", [])), start=1):
            found.things.append((frame, index, thing["name"]))
            found.thing_box.append(thing["box"])
    return found


def _list(value: Any) -> list:
    if type(value) is not list:
        raise TypeError("a list was expected")
    return value


def _as_boxes(lists: list[Any]) -> NDArray[np.float64] | None:
    """(N, 4) from lists of four numbers; None where one is not."""
    if not lists:
        return np.zeros((0, 4))
    if set(map(type, lists)) != {list} or set(map(len, lists)) != {4}:
        return None
    array = np.array(list(chain.from_iterable(lists)))
    if array.ndim != 1 or array.dtype.kind not in "iuf":
        return None
    array = array.astype(float).reshape(-1, 4)
    if not (np.abs(array) < LARGEST).all() or (array[:, 2:] < array[:, :2]).any():
        return None
    return array


def _ints(values: Any) -> NDArray[np.int32]:
    return np.array(values, np.int32)


def _floats(values: boxes.Floats) -> NDArray[np.float32]:
    return values.astype(np.float32)
