"""CVAT for video 1.1: an XML file a task, a track for each person, part and object.

The format is described in CVAT's documentation (docs.cvat.ai, "XML annotation format"), its
interpolation in the same words as there: a box stands from its keyframe to the next, and moves on
a straight line between them; `outside` ends it. Frames count from 0 there, and boxes are edges of
pixels.

Labels are `person`, the ten parts, and a label for each kind of object. Persons and parts have an
attribute `person`, the person's number (0: not said), and are a group; parts have an attribute
`state`.
"""

import logging
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from math import gcd
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from partparse.dataset.exchange.labels import (
    NUMBER_RANGE,
    Box,
    Clip,
    Find,
    Frame,
    Labels,
    Part,
    Person,
    Thing,
    box_within,
    edges_of,
)
from partparse.errors import InputError, Report, meant
from partparse.files.atomic import atomic_path, write_json
from partparse.frames.names import MAX_FRAMES
from partparse.vocabulary import PARTS, PERSON

log = logging.getLogger("partparse")

STATE = "state"
UNSAID = "?"
"""The state that a new part has in CVAT: so that nobody's default becomes a label."""

MAX_BYTES = 1 << 30  # of the XML of a task, unpacked
_SHAPES = {"box", "polygon", "polyline", "points", "cuboid", "ellipse", "mask", "skeleton"}

Key = tuple[int, str]
"""A track: a person's number and `person` or a part; the place of an object and its name."""


def label_settings(states: Sequence[str], objects: Sequence[str]) -> list[dict[str, Any]]:
    """The labels of a task, as CVAT's label constructor takes them ("Raw")."""
    number = {
        "name": PERSON,
        "input_type": "number",
        "mutable": False,
        "values": ["0", str(NUMBER_RANGE[1]), "1"],  # least, largest, step
        "default_value": "0",
    }
    state = {
        "name": STATE,
        "input_type": "select",
        "mutable": True,
        "values": [UNSAID, *states],
        "default_value": UNSAID,
    }
    attributes = {PERSON: [number]} | {name: [number, state] for name in PARTS}
    attributes |= {name: [] for name in objects}
    return [
        {"name": name, "type": "rectangle", "attributes": own} for name, own in attributes.items()
    ]


def write_label_settings(path: Path, states: Sequence[str], objects: Sequence[str]) -> None:
    """Write `label_settings` as JSON."""
    write_json(path, label_settings(states, objects))


def states_of(labels: Labels) -> list[str]:
    """The states that occur in labels, sorted."""
    return sorted(
        {
            part.state
            for frame in labels.frames.values()
            for person in frame.persons.values()
            for part in person.parts.values()
        }
    )


def write_cvat(path: Path, labels: Labels, states: Sequence[str]) -> None:
    """Write the labels of a video as a task.

    The task has the frames from the first labelled one to the last, with the step that all of them
    are on. Frames on it that are not labelled can't be told from frames between two keyframes:
    `read_cvat` fills them.

    Raises InputError where an object has the name of a part.
    """
    things = sorted({thing.name for frame in labels.frames.values() for thing in frame.things})
    for name in things:
        if name in (PERSON, *PARTS):
            raise InputError(
                f"{labels.clip.path}: an object is called {name!r}; expected a name that is no "
                "part's: CVAT has one list of labels"
            )
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        xml = _Writer(file)
        with xml.element("annotations"):
            xml.leaf("version", "1.1")
            grid = _Grid.of(labels)
            _write_meta(xml, labels.clip, grid, label_settings(states, things))
            for number, (key, shapes) in enumerate(_tracks(labels).items()):
                _write_track(xml, number, key, shapes, _Times(sorted(labels.frames), grid))
        xml.end()


class _Writer:
    """An XML document, written as it is told."""

    def __init__(self, file: IO[bytes]) -> None:
        self._xml = XMLGenerator(file, "utf-8", short_empty_elements=True)  # type: ignore[arg-type]
        self._level = 0
        self._xml.startDocument()

    def _indent(self) -> None:
        self._xml.ignorableWhitespace("\n" + "  " * self._level)

    @contextmanager
    def element(self, name: str, **attributes: object) -> Iterator[None]:
        if self._level:
            self._indent()
        self._xml.startElement(
            name, AttributesImpl({key: str(value) for key, value in attributes.items()})
        )
        self._level += 1
        yield
        self._level -= 1
        self._indent()
        self._xml.endElement(name)

    def leaf(self, tag: str, text: object, **attributes: str) -> None:
        self._indent()
        self._xml.startElement(tag, AttributesImpl(attributes))
        self._xml.characters(str(text))
        self._xml.endElement(tag)

    def end(self) -> None:
        self._xml.endDocument()


@dataclass(frozen=True)
class _Grid:
    """The frames of a task, from 0."""

    start: int
    stop: int  # the last
    step: int

    @classmethod
    def of(cls, labels: Labels) -> "_Grid":
        frames = sorted(labels.frames) or [1]
        step = reduce(gcd, (frame - frames[0] for frame in frames)) or 1
        return cls(frames[0] - 1, frames[-1] - 1, step)

    @property
    def frames(self) -> range:
        return range(self.start, self.stop + 1, self.step)


def _write_meta(xml: _Writer, clip: Clip, grid: _Grid, settings: list[dict[str, Any]]) -> None:
    with xml.element("meta"), xml.element("task"):
        xml.leaf("name", clip.video)
        xml.leaf("size", len(grid.frames))
        xml.leaf("mode", "interpolation")
        xml.leaf("start_frame", grid.start)
        xml.leaf("stop_frame", grid.stop)
        xml.leaf("frame_filter", f"step={grid.step}" if grid.step > 1 else "")
        with xml.element("labels"):
            for label in settings:
                _write_label(xml, label)
        with xml.element("original_size"):
            xml.leaf("width", clip.size[0])
            xml.leaf("height", clip.size[1])
        xml.leaf("source", clip.path.name)


def _write_label(xml: _Writer, label: dict[str, Any]) -> None:
    with xml.element("label"):
        xml.leaf("name", label["name"])
        xml.leaf("type", label["type"])
        with xml.element("attributes"):
            for attribute in label["attributes"]:
                with xml.element("attribute"):
                    for key in ("name", "mutable", "input_type", "default_value"):
                        xml.leaf(key, attribute[key])
                    xml.leaf("values", "\n".join(attribute["values"]))


Shapes = dict[int, tuple[Box, str | None]]
"""Box and state of a track in the frames that it is seen in, from 1."""


def _tracks(labels: Labels) -> dict[Key, Shapes]:
    """The tracks of a video: each person's own and its parts', by number, then the objects'."""
    persons: dict[Key, Shapes] = {}
    things: dict[Key, Shapes] = {}
    for number, frame in sorted(labels.frames.items()):
        for person, found in frame.persons.items():
            persons.setdefault((person, PERSON), {})[number] = (found.box, None)
            for name, part in found.parts.items():
                persons.setdefault((person, name), {})[number] = (part.box, part.state)
        for place, thing in enumerate(frame.things, start=1):
            things.setdefault((place, thing.name), {})[number] = (thing.box, None)
    order = [PERSON, *PARTS]
    by_person = sorted(persons, key=lambda key: (key[0], order.index(key[1])))
    return {key: persons[key] for key in by_person} | {key: things[key] for key in sorted(things)}


@dataclass(frozen=True)
class _Times:
    """When a track may end: the labelled frames of its video, from 1, and the grid they are on."""

    labelled: list[int]
    grid: _Grid

    def shapes(self, seen: Shapes) -> Iterator[tuple[int, Box, str | None, bool]]:
        """Frame from 0, box, state and `outside` of each keyframe."""
        last: tuple[Box, str | None] | None = None
        for frame in self.labelled:
            if frame in seen:
                last = seen[frame]
                yield frame - 1, *last, False
            elif last is not None:
                yield frame - 1, *last, True
                last = None
        if last is not None:  # else CVAT has it stay to the end of the video
            yield self.grid.stop + self.grid.step, *last, True


def _write_track(xml: _Writer, number: int, key: Key, seen: Shapes, times: _Times) -> None:
    owner, label = key
    of_person = label in (PERSON, *PARTS)
    attributes: dict[str, object] = {"id": number, "label": label, "source": "file"}
    if of_person:
        attributes["group_id"] = owner
    with xml.element("track", **attributes):
        for frame, box, state, outside in times.shapes(seen):
            edges = (f"{value:.2f}" for value in edges_of(box))
            place = dict(zip(("xtl", "ytl", "xbr", "ybr"), edges, strict=True))
            flags = {"keyframe": 1, "outside": int(outside), "occluded": 0, "z_order": 0}
            with xml.element("box", frame=frame, **flags, **place):
                if of_person:
                    xml.leaf("attribute", owner, name=PERSON)
                if state is not None:
                    xml.leaf("attribute", state, name=STATE)


# --- reading ---


@dataclass
class _Shape:
    """A box of a track at a frame from 0."""

    edges: list[float]  # x1, y1, x2, y2
    outside: bool
    keyframe: bool
    attributes: dict[str, str]


@dataclass
class _Track:
    where: str  # how messages call it
    label: str
    group: int
    shapes: dict[int, _Shape] = field(default_factory=dict)  # by frame from 0

    @property
    def person(self) -> int:
        """The person's number as an attribute says it; 0 where none does."""
        said = {shape.attributes.get(PERSON, "0") or "0" for shape in self.shapes.values()}
        if not said:
            return 0
        if len(said) == 1 and (text := said.pop()).isascii() and text.isdigit():
            return int(text) if int(text) <= NUMBER_RANGE[1] else -1
        return -1


@dataclass
class _Task:
    """What a file holds."""

    source: str
    grid: _Grid
    labels: dict[str, list[str]]  # the states of each label; none of those that are no part
    tracks: list[_Track] = field(default_factory=list)


def read_names(path: Path) -> tuple[list[str], list[str]]:
    """The states and the objects that a task has labels for, in their order.

    Raises InputError for a file that is no such task.
    """
    labels = _read_task(path, _ignore, with_tracks=False).labels
    states = [state for part in PARTS for state in labels.get(part, ()) if state != UNSAID]
    objects = [name for name in labels if name not in (PERSON, *PARTS)]
    return list(dict.fromkeys(states)), objects


def _ignore(fault: str) -> None:
    pass


def read_cvat(path: Path, find: Find, report: Report, *, keyframes: bool) -> list[Labels]:
    """The labels of a task that was exported as CVAT for video 1.1, as XML or in its zip.

    Every frame of the task is labelled then, those without anybody too. `keyframes`: only those
    with a keyframe of something that is seen.

    What is wrong is reported, and nothing given then.
    """
    faults: list[str] = []
    task = _read_task(path, faults.append, with_tracks=True)
    clip = find(task.source)
    frames: dict[int, Frame] = {}
    if clip is not None:
        _check_frames(path, task, clip, faults.append)
        owners = _owners(task, faults.append)
        if not faults:
            frames = _fill(task, owners, clip, keyframes, faults.append)
    for fault in faults:
        report(fault)
    return [] if faults or clip is None else [Labels(clip, frames)]


@contextmanager
def _open_xml(path: Path) -> Iterator[IO[bytes]]:
    """The XML of a task, which may lie in a zip. Raises InputError for anything else."""
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected the XML or the zip that CVAT exports")
    if not zipfile.is_zipfile(path):
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: expected at most {MAX_BYTES} bytes")
        with path.open("rb") as file:
            yield file
        return
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [entry for entry in archive.infolist() if entry.filename.endswith(".xml")]
            if len(inside) != 1:
                raise InputError(f"{path}: {len(inside)} XML files in it; expected one")
            if inside[0].file_size > MAX_BYTES:
                raise InputError(f"{path}: expected at most {MAX_BYTES} bytes unpacked")
            with archive.open(inside[0]) as file:
                yield file
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise InputError(f"{path}: not a readable zip: {error}") from None


def _read_task(path: Path, report: Report, *, with_tracks: bool) -> _Task:
    """What a file holds, up to its first track without `with_tracks`."""
    task: _Task | None = None
    images = False
    with _open_xml(path) as file:
        try:
            root: Element | None = None
            for event, element in iterparse(file, events=("start", "end")):
                if root is None:
                    root = element
                if event == "start":
                    if element.tag == "track" and not with_tracks:
                        break
                    continue
                if element.tag == "meta":
                    task = _read_meta(path, element)
                elif element.tag == "track" and task is not None:
                    task.tracks.append(_read_track(path, element, report))
                    root.clear()  # what was read is let go
                images |= element.tag == "image"
        except (ParseError, DefusedXmlException, LookupError) as error:
            raise InputError(f"{path}: not a readable XML file: {error!r}") from None
    if images:
        raise InputError(f"{path}: is `CVAT for images`; expected an export as `CVAT for video`")
    if task is None:
        raise InputError(f"{path}: no <meta> in it; expected what CVAT exports as `CVAT for video`")
    return task


def _read_meta(path: Path, meta: Element) -> _Task:
    own = meta.find("task")
    if own is None:
        raise InputError(
            f"{path}: no <task> in its <meta>; expected the export of a task, not of a project or "
            "a job"
        )
    size = _count(own, "size", path)
    start = _count(own, "start_frame", path, 0)
    step = _step(own.findtext("frame_filter") or "", path)
    # stop_frame may be that of the whole video: the last on the grid is meant
    stop = _count(own, "stop_frame", path, start + (size - 1) * step)
    labels = {
        label.findtext("name") or "": [
            line.strip()
            for attribute in label.iterfind("attributes/attribute")
            if attribute.findtext("name") == STATE
            for line in (attribute.findtext("values") or "").split("\n")
            if line.strip()
        ]
        for label in own.iterfind("labels/label")
    }
    source = own.findtext("source") or path.stem
    return _Task(source, _Grid(start, stop, step), labels)


def _count(task: Element, name: str, path: Path, default: int | None = None) -> int:
    text = (task.findtext(name) or "").strip()
    if not text and default is not None:
        return default
    if not (text.isascii() and text.isdigit()) or int(text) > MAX_FRAMES:
        raise InputError(f"{path}: <{name}> is {text!r}; expected a number of frames")
    return int(text)


def _step(text: str, path: Path) -> int:
    """The n of `step=n`; 1 where no frames are left out."""
    name, _, number = text.strip().partition("=")
    if not text.strip():
        return 1
    if name.strip() != "step" or not number.strip().isdigit() or not int(number):
        raise InputError(f"{path}: <frame_filter> is {text!r}; expected step=N")
    return int(number)


def _read_track(path: Path, element: Element, report: Report) -> _Track:
    label = element.get("label", "")
    group = element.get("group_id", "0")
    where = f"{path}: track {element.get('id', '?')} ({label})"
    track = _Track(where, label, int(group) if group.isdigit() else 0)
    attributes: dict[str, str] = {}
    for shape in element:
        if shape.tag not in _SHAPES:
            continue
        try:
            turned = float(shape.get("rotation") or 0) != 0
            if shape.tag != "box" or turned:
                kind = "a turned box" if turned else f"a {shape.tag}"
                report(f"{where}: {kind}; expected upright boxes")
                return track
            frame = int(shape.attrib["frame"])
            edges = [float(shape.attrib[name]) for name in ("xtl", "ytl", "xbr", "ybr")]
        except (KeyError, ValueError) as error:
            report(f"{where}: a box without a number: {error}; expected frame, xtl, ytl, xbr, ybr")
            return track
        # one that is not written again stands on
        attributes = attributes | {
            found.get("name", ""): (found.text or "").strip() for found in shape.iter("attribute")
        }
        track.shapes[frame] = _Shape(
            edges, shape.get("outside") == "1", shape.get("keyframe", "1") == "1", attributes
        )
    track.shapes = dict(sorted(track.shapes.items()))
    return track


def _check_frames(path: Path, task: _Task, clip: Clip, report: Report) -> None:
    """Report a task that is about other frames than the video has."""
    stop = task.grid.stop
    if stop >= clip.frames:
        report(
            f"{path}: the task ends at frame {stop} (from 0), but {clip.path} has {clip.frames} "
            "frames; expected the same video, at the same rate"
        )
    elif stop + task.grid.step < clip.frames:
        log.warning(
            "%s: the task ends at frame %d (from 0), and %s has %d frames; no more of them are "
            "labelled. Where it should be all of the video, it was annotated at another rate",
            *(path, stop, clip.path, clip.frames),
        )
    for track in task.tracks:
        late = max(track.shapes, default=0)
        if late > stop + task.grid.step:  # what is seen on the last frame ends one later
            report(f"{track.where}: has a box in frame {late}, but the task ends at frame {stop}")


def _owners(task: _Task, report: Report) -> list[int]:
    """The number of the person of each track; 0 for objects."""
    numbers = [track.person if track.label in (PERSON, *PARTS) else 0 for track in task.tracks]
    for track, number in zip(task.tracks, numbers, strict=True):
        if number < 0:
            report(
                f"{track.where}: the attribute {PERSON!r} is not one number; expected the same "
                f"from {NUMBER_RANGE[0]} to {NUMBER_RANGE[1]} in all of the track, or 0"
            )
        elif track.label not in (PERSON, *PARTS) and (guess := meant(track.label, PARTS)):
            report(f"{track.where}: unknown label{guess}; expected person, a part, or an object")
    tracks = zip(task.tracks, numbers, strict=True)
    taken = {number for track, number in tracks if track.label == PERSON}
    free = (number for number in range(1, NUMBER_RANGE[1] + 1) if number not in taken)
    groups: dict[int, set[int]] = {}
    for place, track in enumerate(task.tracks):
        if track.label == PERSON:
            numbers[place] = numbers[place] or next(free, 0)
            groups.setdefault(track.group, set()).add(numbers[place])
    persons = set().union(*groups.values())
    for place, track in enumerate(task.tracks):
        if track.label in PARTS:
            by_group = groups.get(track.group, set()) if track.group else set()
            numbers[place] = _owner(track, numbers[place], by_group, persons, report)
    return numbers


def _owner(track: _Track, said: int, by_group: set[int], persons: set[int], report: Report) -> int:
    """The person that a part belongs to: by its group, its attribute, or as there is one only."""
    found = by_group or ({said} if said else persons)
    if len(found) != 1:
        several = f"persons {sorted(found)} are in its group" if by_group else "is of no person"
        report(
            f"{track.where}: {several}; expected a group with its person, or the person's number "
            f"in the attribute {PERSON!r}"
        )
    elif said and found != {said}:
        report(
            f"{track.where}: its attribute {PERSON!r} is {said}, but its group has person "
            f"{min(found)}; expected one of the two"
        )
    return min(found, default=0)


def _fill(
    task: _Task, owners: list[int], clip: Clip, keyframes: bool, report: Report
) -> dict[int, Frame]:
    """The frames of a task, from 1, with what is seen in each."""
    frames = {number + 1: Frame() for number in task.grid.frames}
    kept: set[int] = set()
    seen: dict[tuple[int, Key], str] = {}
    parts: list[tuple[int, int, _Track, Part]] = []
    for track, owner in zip(task.tracks, owners, strict=True):
        for number, shape in _seen(track, task.grid):
            frame = number + 1
            box = box_within(shape.edges, clip.size, f"{track.where}, frame {number}", report)
            if box is None:
                break
            if shape.keyframe:
                kept.add(frame)
            first = seen.setdefault((frame, (owner, track.label)), track.where)
            if owner and first != track.where:
                report(
                    f"{track.where}, frame {number}: person {owner} has one there already, "
                    f"{first.rpartition(': ')[2]}; expected one"
                )
                break
            if track.label == PERSON:
                frames[frame].persons[owner] = Person(box)
            elif not owner:
                frames[frame].things.append(Thing(track.label, box))
            elif (state := shape.attributes.get(STATE, UNSAID)) in ("", UNSAID):
                report(f"{track.where}, frame {number}: no state; expected one to be chosen")
                break
            else:
                parts.append((frame, owner, track, Part(box, state)))
    for frame, owner, track, part in _with_persons(parts, frames, report):
        frames[frame].persons[owner].parts[track.label] = part
    return {number: frames[number] for number in frames if number in kept or not keyframes}


def _with_persons(
    parts: list[tuple[int, int, _Track, Part]], frames: dict[int, Frame], report: Report
) -> Iterator[tuple[int, int, _Track, Part]]:
    """The parts whose person is seen; the first of each track that has none is reported."""
    told: set[str] = set()
    for frame, owner, track, part in parts:
        if owner in frames[frame].persons:
            yield frame, owner, track, part
        elif track.where not in told:
            told.add(track.where)
            report(
                f"{track.where}, frame {frame - 1}: person {owner} is not seen there; expected a "
                "box of the person in each frame with a part of it"
            )


def _seen(track: _Track, grid: _Grid) -> Iterator[tuple[int, _Shape]]:
    """The frames of the grid, from 0, in which a track is seen, with its place there."""
    frames = sorted(track.shapes)
    for frame, following in zip(frames, [*frames[1:], None], strict=True):
        shape = track.shapes[frame]
        if shape.outside:
            continue
        end = grid.stop + 1 if following is None else following
        first = max(frame, grid.start)
        first += (grid.start - first) % grid.step
        for number in range(first, min(end, grid.stop + 1), grid.step):
            if number == frame:
                yield number, shape
            else:
                yield number, _between(shape, track.shapes.get(end), number - frame, end - frame)


def _between(shape: _Shape, following: _Shape | None, done: int, whole: int) -> _Shape:
    """A shape on its way to the next; without one it stays."""
    share = 0 if following is None else done / whole
    target = shape.edges if following is None else following.edges
    edges = [a + (b - a) * share for a, b in zip(shape.edges, target, strict=True)]
    return _Shape(edges, outside=False, keyframe=False, attributes=shape.attributes)
