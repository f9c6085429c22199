"""Every fault of one frame's annotation: which entry is wrong, and what was expected."""

import json
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from partparse.errors import Fault, Report, meant
from partparse.row_keys import NUMBERS
from partparse.vocabulary import PARTS, Vocabulary

Size = tuple[int, int]
LARGEST = 2**31  # of a coordinate
NO_CORNERS = "x2 < x1 or y2 < y1"
OUTSIDE = "boxes outside the picture"
STICKS_OUT = "boxes that stick out of the picture"
_ABSENT = object()  # an entry that is not there; null is one that is


def outside(array: NDArray[np.float64], size: Size) -> NDArray[np.bool_]:
    """Which of (N, 4) boxes have no pixel in a picture of `size` (width, height)."""
    beyond = (array[:, 2:] < 0) | (array[:, :2] > np.array(size) - 1)
    return beyond[:, 0] | beyond[:, 1]


def check_frame(
    document: Any,
    path: Path,
    vocabulary: Vocabulary,
    size: Size | None,
    report: Report,
    *,
    strict: bool,
) -> None:
    """Report every fault of one frame's annotation.

    `strict` also reports what reading mends or passes over: boxes that stick out of the picture,
    objects that are not in list/object.txt.
    """
    if not isinstance(document, dict):
        expected = "expected an object with the key 'humans'"
        report(Fault(path, _shown(document), expected, kind="no annotation of a frame"))
        return
    numbers: set[int] = set()
    humans = document.get("humans", _ABSENT)
    for position, human in enumerate(_listed(humans, "humans", path, report), start=1):
        if not isinstance(human, dict):
            where = f"{path}: human at place {position}"
            report(Fault(where, _shown(human), "expected an object", kind="a human is no object"))
            continue
        number = human.get("number", position)
        where = f"{path}: human {number!r}"
        _check_number(number, numbers, where, report)
        _check_box(human.get("box", _ABSENT), where, size, report, strict=strict)
        _check_parts(human.get("parts", {}), where, vocabulary, size, report, strict=strict)
    things = document.get("objects", [])
    for position, thing in enumerate(_listed(things, "objects", path, report), start=1):
        _check_object(thing, f"{path}: object {position}", vocabulary, size, report, strict=strict)


def _listed(value: Any, what: str, path: Path, report: Report) -> list[Any]:
    """A list as it is; of something else nothing, which is reported."""
    if isinstance(value, list):
        return value
    expected = "expected a list, or none at all" if what == "objects" else "expected a list"
    report(Fault(f"{path}: {what}", _shown(value), expected, kind=f"{what}: no list"))
    return []


def _check_number(number: Any, taken: set[int], where: str, report: Report) -> None:
    if type(number) is not int or not 1 <= number < NUMBERS:
        report(Fault(where, f"its number is not an integer from 1 to {NUMBERS - 1}"))
    elif number in taken:
        report(Fault(where, "the number stands there twice", "expected each human once"))
    else:
        taken.add(number)


def _check_object(
    thing: Any,
    where: str,
    vocabulary: Vocabulary,
    size: Size | None,
    report: Report,
    *,
    strict: bool,
) -> None:
    if not isinstance(thing, dict) or not isinstance(thing.get("name"), str):
        report(Fault(where, "no object", "expected an object with a name and a box"))
        return
    name = thing["name"]
    if strict and vocabulary.objects and name not in vocabulary.objects:
        what = f"unknown object {name!r}{meant(name, vocabulary.objects)}"
        report(Fault(where, what, "expected a name in list/object.txt"))
    _check_box(thing.get("box", _ABSENT), f"{where}, {name!r}", size, report, strict=strict)


def _check_parts(
    parts: Any,
    where: str,
    vocabulary: Vocabulary,
    size: Size | None,
    report: Report,
    *,
    strict: bool,
) -> None:
    if not isinstance(parts, dict):
        expected = "expected an object with a key for each part, or none at all"
        report(Fault(f"{where}: parts", _shown(parts), expected, kind="parts: no object"))
        return
    for part, entry in parts.items():
        place = f"{where}, {part if part in PARTS else repr(part)}"
        if part not in PARTS:
            what = f"unknown part {part!r}{meant(part, PARTS)}"
            report(Fault(where, what, f"expected one of {', '.join(PARTS)}"))
        if not isinstance(entry, dict):
            expected = "expected an object with box and verb"
            report(Fault(place, _shown(entry), expected, kind="a part is no object"))
            continue
        if entry.get("name", part) != part:
            what = f"its name is {'null' if entry['name'] is None else repr(entry['name'])}"
            report(Fault(place, what, f"expected {part!r}", kind="a part is named otherwise"))
        _check_state(entry.get("verb", _ABSENT), place, vocabulary, report, strict=strict)
        _check_box(entry.get("box", _ABSENT), place, size, report, strict=strict)


def _check_state(
    state: Any, where: str, vocabulary: Vocabulary, report: Report, *, strict: bool
) -> None:
    if not isinstance(state, str):
        expected = "expected the state as a string"
        report(Fault(f"{where}: verb", _shown(state), expected, kind="verb: no string"))
    elif (vocabulary.states or not strict) and state not in vocabulary.states:
        # of a list that is missing, that was told once
        what = f"unknown state {state!r}{meant(state, vocabulary.states)}"
        count = len(vocabulary.states)
        report(Fault(where, what, f"expected one of the {count} names in list/part_stat.txt"))


def _check_box(box: Any, where: str, size: Size | None, report: Report, *, strict: bool) -> None:
    if not is_box(box):
        expected = "expected four finite numbers x1, y1, x2, y2"
        report(Fault(f"{where}: box", _shown(box), expected, kind="box: not four finite numbers"))
        return
    x1, y1, x2, y2 = box
    if x2 < x1 or y2 < y1:
        expected = "expected two corners, x1, y1, x2, y2"
        report(Fault(where, f"the box {box} has {NO_CORNERS}", expected, kind=NO_CORNERS))
        return
    if size is None:
        return
    picture = f"the picture of {size[0]}x{size[1]} pixels"
    if outside(np.array([box], float), size)[0]:
        report(Fault(where, f"the box {box} lies outside {picture}", kind=OUTSIDE))
    elif strict and (min(x1, y1) < 0 or x2 >= size[0] or y2 >= size[1]):
        what = f"the box {box} sticks out of {picture}"
        report(Fault(where, what, "a run clips it", kind=STICKS_OUT))


def is_box(box: Any) -> TypeGuard[list[float]]:
    """Whether a value is four numbers, corners or not."""
    numbers = isinstance(box, list) and all(type(value) in (int, float) for value in box)
    return numbers and len(box) == 4 and all(abs(value) < LARGEST for value in box)


def entries(value: Any) -> list[dict[str, Any]]:
    """The objects in a list, or in the members of an object; of anything else none."""
    inside = value.values() if isinstance(value, dict) else value
    return (
        [one for one in inside if isinstance(one, dict)] if isinstance(value, dict | list) else []
    )


def _shown(value: Any) -> str:
    """A value as it is shown in a message: short."""
    if value is _ABSENT:
        return "missing"
    try:
        text = json.dumps(value)
    except RecursionError:
        text = "nested without end"
    return text if len(text) <= 60 else text[:57] + "…"
