"""The challenge's two result files: names, limits, their reader, and what can be wrong in them.

    {gt,pred}_vid_result.json   {video: action}
    {gt,pred}_part_result.json  {video: {"img_00001.json": {"humans": [
        {"number": 1, "box": [x1, y1, x2, y2], "parts": {part: {"name", "number", "box", "verb"}}}
    ]}}}

In the ground truth a part's `box` is one box and `verb` one state; in a prediction they are
lists of as many boxes as states, at most five.
"""

import math
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partparse.errors import InputError, Report
from partparse.files import atomic as files
from partparse.files.atomic import parse_json
from partparse.vocabulary import PARTS

STRIDE = 5  # the challenge scores frames 1, 6, 11, …
MAX_HUMANS = 10  # predicted humans a frame; the evaluator stops at more
MAX_STATES = 5  # proposals a part; the evaluator stops at more
MAX_BYTES = 2 << 30
"""Largest file that is read; that of a submission of full size has half a gigabyte."""

BLOCK = 4 << 20  # bytes that are read at once: some videos' of a submission of full size

# the other kinds of compression unpack a whole block at once, of whatever size
_BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

_ORDER_MARK = "\ufeff"

TRUTH = "gt"
PREDICTION = "pred"


def actions_file(kind: str) -> str:
    """`gt_vid_result.json` or `pred_vid_result.json`."""
    return f"{kind}_vid_result.json"


def parts_file(kind: str) -> str:
    """`gt_part_result.json` or `pred_part_result.json`."""
    return f"{kind}_part_result.json"


def frame_name(number: int) -> str:
    """The key of a frame, from 1: `img_00001.json`."""
    return f"img_{number:05d}.json"


@dataclass(frozen=True)
class Results:
    """The contents of the two files, as they were read."""

    actions: dict[str, Any]
    frames: dict[str, Any]


def read_results(path: Path, kind: str) -> Results:
    """Read the two files of `kind` from a folder or a zip (of which nothing is extracted).

    Raises InputError for a file that is missing, too large, not JSON, or not an object.
    """
    actions, frames = (read_object(path, name) for name in (actions_file(kind), parts_file(kind)))
    return Results(actions, frames)


def read_object(path: Path, name: str) -> dict[str, Any]:
    """One file of a folder or zip, which must hold a JSON object; raises InputError.

    It must be UTF-8 without a byte order mark, as the challenge's evaluator reads no other.
    """
    where = f"{path}/{name}"
    try:
        text = b"".join(read_blocks(path, name)).decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: expected UTF-8; {error.reason} at byte {error.start}") from None
    if text.startswith(_ORDER_MARK):
        raise InputError(f"{where}: begins with a byte order mark; expected UTF-8 without one")
    value = parse_json(text, where)
    if not isinstance(value, dict):
        raise InputError(f"{where}: expected an object with a key for each video")
    return value


def unpacked_size(path: Path, name: str) -> int:
    """Bytes of one file of a folder or zip, once unpacked; 0 where it can't be told."""
    try:
        if path.is_dir():
            return (path / name).stat().st_size
        with zipfile.ZipFile(path) as archive:
            return archive.getinfo(name).file_size
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return 0


def read_blocks(path: Path, name: str) -> Iterator[bytes]:
    """The bytes of one file of a folder or zip, at most `MAX_BYTES`; raises InputError."""
    if path.is_dir():
        yield from files.read_blocks(path / name, MAX_BYTES, BLOCK)
    elif path.is_file():
        yield from _unpack(path, name)
    else:
        raise InputError(f"{path}: no such folder or zip")


def _unpack(path: Path, name: str) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            entry = archive.getinfo(name)
            if entry.file_size > MAX_BYTES:
                said = f"expected at most {MAX_BYTES} bytes, got {entry.file_size}"
                raise InputError(f"{path}/{name}: {said}")
            if entry.compress_type not in _BOUNDED:
                raise InputError(f"{path}/{name}: expected the usual compression (deflate)")
            with archive.open(entry) as member:
                # the size that is said may be a lie; no more than that is unpacked
                left = entry.file_size
                while block := member.read(min(BLOCK, left)):
                    left -= len(block)
                    yield block
    except InputError:
        raise
    except KeyError:
        raise InputError(
            f"{path}: expected {name} at the top of the zip{_elsewhere(path, name)}"
        ) from None
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as error:
        raise InputError(f"{path}: not a readable zip: {error}") from None


def _elsewhere(path: Path, name: str) -> str:
    """Where else in the zip such a file lies, as it is put behind a message."""
    with zipfile.ZipFile(path) as archive:
        found = (inside for inside in archive.namelist() if inside.endswith(f"/{name}"))
        return f", not {inside!r}" if (inside := next(found, None)) else ""


def check_frame(entry: Any, kind: str, where: str, report: Report) -> None:
    """Report every fault of one frame's entry; `where` names file, video and frame.

    Humans are counted from 1 in the order of the list, whatever their `number` says.
    """
    humans = entry.get("humans") if isinstance(entry, dict) else None
    if not isinstance(humans, list):
        report(f"{where}: expected an object with a list 'humans'")
        return
    if kind == PREDICTION and len(humans) > MAX_HUMANS:
        report(f"{where}: {len(humans)} humans; expected at most {MAX_HUMANS}")
    for index, human in enumerate(humans, start=1):
        _check_human(human, kind, f"{where}, human {index}", report)


def _check_human(human: Any, kind: str, where: str, report: Report) -> None:
    if not isinstance(human, dict):
        report(f"{where}: expected an object with 'box' and 'parts'")
        return
    if "box" not in human:
        report(f"{where}: no 'box'; expected [x1, y1, x2, y2]")
    else:
        _check_box(human["box"], where, report)
    parts = human.get("parts")
    if not isinstance(parts, dict):
        report(f"{where}: expected an object 'parts', which may be empty")
        return
    for name, part in parts.items():
        inside = f"{where}, part {name}"
        if name not in PARTS:
            report(f"{inside}: unknown part; expected one of {', '.join(PARTS)}")
        if not isinstance(part, dict) or not {"box", "verb"} <= part.keys():
            report(f"{inside}: expected an object with 'box' and 'verb'")
        elif kind == TRUTH:
            _check_box(part["box"], inside, report)
            if not isinstance(part["verb"], str):
                report(f"{inside}: 'verb' is {_short(part['verb'])}; expected one state")
        else:
            _check_proposals(part["box"], part["verb"], inside, report)


def _check_proposals(boxes: Any, states: Any, where: str, report: Report) -> None:
    if isinstance(states, str):
        report(
            f"{where}: 'verb' is the string {states!r}, which would be counted by letters; "
            f"expected a list of at most {MAX_STATES} states"
        )
    elif not isinstance(states, list) or not all(isinstance(state, str) for state in states):
        report(f"{where}: 'verb' is {_short(states)}; expected a list of states")
    elif len(states) > MAX_STATES:
        report(f"{where}: {len(states)} states; expected at most {MAX_STATES}")
    if not isinstance(boxes, list) or (boxes and not any(isinstance(b, list) for b in boxes)):
        report(f"{where}: 'box' is {_short(boxes)}; expected a list of boxes, [[x1, y1, x2, y2]]")
        return
    if isinstance(states, list) and len(states) != len(boxes):
        report(f"{where}: {len(boxes)} boxes and {len(states)} states; expected as many of both")
    for box in boxes:
        _check_box(box, where, report)


def _check_box(box: Any, where: str, report: Report) -> None:
    numbers = (int, float)
    if not isinstance(box, list) or [type(v) in numbers for v in box] != [True] * 4:
        report(f"{where}: the box {_short(box)}; expected four numbers [x1, y1, x2, y2]")
    elif not all(map(_is_finite, box)):
        report(f"{where}: the box {_short(box)}; expected finite numbers")
    elif box[2] < box[0] or box[3] < box[1]:
        report(f"{where}: the box {_short(box)}; expected x2 >= x1 and y2 >= y1")


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float can hold
        return False


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except RecursionError:
        text = "nested without end"
    return text if len(text) <= 60 else f"{text[:57]}..."


def missing(expected: Iterable[str], present: Iterable[str]) -> list[str]:
    """What is expected but not present, in the order of `expected`."""
    there = set(present)
    return [name for name in expected if name not in there]
