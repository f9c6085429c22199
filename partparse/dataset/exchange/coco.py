"""COCO: one JSON file; persons with keypoints, parts and objects as categories.

What COCO has no field for stands in `attributes`, where CVAT and Datumaro keep such things too:
a part's `state`, and of persons and parts `person`, the person's number in its video. An image is
called VIDEO/img_00001.jpg. Boxes are x, y, width, height in edges of pixels.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

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
from partparse.dataset.frame_check import is_box
from partparse.errors import InputError, Report, meant
from partparse.files.atomic import atomic_path, parse_json, read_bytes
from partparse.frames.names import frame_number
from partparse.vocabulary import KEYPOINTS, PARTS, PERSON

MAX_BYTES = 4 << 30
OBJECT = "object"  # the supercategory of objects

_LIMBS = [
    *((16, 14), (14, 12), (17, 15), (15, 13), (12, 13), (6, 12), (7, 13), (6, 7), (6, 8), (7, 9)),
    *((8, 10), (9, 11), (2, 3), (1, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 7)),
]
"""Which of the 17 keypoints are joined, from 1, as COCO gives it for persons."""

Document = dict[str, Any]


def write_coco(path: Path, videos: Iterable[Labels], objects: Iterable[str]) -> int:
    """Write the labels of videos as one file; returns how many videos there were.

    The videos are written as they come: none is kept. `objects` have a category each, though none
    may be there.
    """
    categories = {PERSON: 1} | {name: number for number, name in enumerate(PARTS, start=2)}
    things = {name: number for number, name in enumerate(objects, start=len(categories) + 1)}
    images: list[bytes] = []
    count = annotations = 0
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        file.write(b'{"annotations": [')
        for count, labels in enumerate(videos, start=1):  # noqa: B007
            for number, frame in sorted(labels.frames.items()):
                images.append(orjson.dumps(_image(len(images) + 1, labels.clip, number)))
                for thing in frame.things:
                    things.setdefault(thing.name, len(categories) + len(things) + 1)
                for entry in _entries(frame, categories, things):
                    file.write(b",\n" if annotations else b"\n")
                    annotations += 1
                    file.write(orjson.dumps({"id": annotations, "image_id": len(images)} | entry))
        file.write(b'\n],\n"images": [\n' + b",\n".join(images) + b'\n],\n"categories": ')
        file.write(orjson.dumps(list(_categories(categories, things))) + b"}\n")
    return count


def _image(number: int, clip: Clip, frame: int) -> Document:
    name = f"{clip.video}/img_{frame:05d}.jpg"
    return {"id": number, "file_name": name, "width": clip.size[0], "height": clip.size[1]}


def _categories(named: Mapping[str, int], things: Mapping[str, int]) -> Iterator[Document]:
    for name, number in named.items():
        if name == PERSON:
            joints = {"keypoints": KEYPOINTS, "skeleton": _LIMBS}
            yield {"id": number, "name": name, "supercategory": PERSON} | joints
        else:
            yield {"id": number, "name": name, "supercategory": "part"}
    for name, number in things.items():
        yield {"id": number, "name": name, "supercategory": OBJECT}


def _entries(
    frame: Frame, categories: Mapping[str, int], things: Mapping[str, int]
) -> Iterator[Document]:
    """The annotations of a frame."""
    for number, person in sorted(frame.persons.items()):
        own = {"attributes": {"person": number}}
        yield _entry(person.box, categories[PERSON]) | _keypoints(person) | own
        for name, part in person.parts.items():
            attributes = {"person": number, "state": part.state}
            yield _entry(part.box, categories[name]) | {"attributes": attributes}
    for thing in frame.things:
        yield _entry(thing.box, things[thing.name])


def _entry(box: Box, category: int) -> Document:
    x1, y1, x2, y2 = edges_of(box)
    width, height = round(x2 - x1, 2), round(y2 - y1, 2)
    place = {"bbox": [x1, y1, width, height], "area": round(width * height, 4)}
    return {"category_id": category, **place, "iscrowd": 0, "segmentation": []}


def _keypoints(person: Person) -> Document:
    """Keypoints as COCO has them (2: seen), and their scores where they have other ones than 1."""
    if person.keypoints is None:
        return {}
    values = [(x, y, 2) if score > 0 else (0, 0, 0) for x, y, score in person.keypoints]
    scores = [score for *_, score in person.keypoints]
    seen = sum(score > 0 for score in scores)
    found: Document = {"keypoints": [one for joint in values for one in joint]}
    found["num_keypoints"] = seen
    return found | ({} if set(scores) <= {0, 1} else {"keypoint_scores": scores})


# --- reading ---


def read_names(path: Path) -> tuple[list[str], list[str]]:
    """The states that occur, sorted, and the objects that have a category.

    Raises InputError for a file that is no COCO annotation of objects.
    """
    document = _read(path)
    states = {
        str(entry["attributes"]["state"])
        for entry in document["annotations"]
        if isinstance(entry.get("attributes"), dict) and "state" in entry["attributes"]
    }
    objects = [str(one["name"]) for one in document["categories"] if _is_object(one)]
    return sorted(states), objects


def _is_object(category: Document) -> bool:
    return category.get("supercategory") == OBJECT or category["name"] not in (PERSON, *PARTS)


def _read(path: Path) -> Document:
    data = read_bytes(path, MAX_BYTES)
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        document = parse_json(data, path)  # says what is broken
    for key, fields in (("images", "id file_name"), ("annotations", ""), ("categories", "id name")):
        entries = document.get(key) if isinstance(document, dict) else None
        if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
            raise InputError(f"{path}: no list {key!r}; expected a COCO file of instances")
        for place, entry in enumerate(entries, start=1):
            if missing := [name for name in fields.split() if name not in entry]:
                raise InputError(f"{path}: {key}, entry {place}: no {missing[0]!r} in it")
    return document


@dataclass
class _Video:
    """A video as its images are read."""

    clip: Clip
    frames: dict[int, Frame] = field(default_factory=dict)
    parts: list[tuple[str, int, int | None, str, Part]] = field(default_factory=list)
    """Where it stands, frame, the person's number (None: not said), part."""
    faults: list[str] = field(default_factory=list)


def read_coco(path: Path, find: Find, report: Report) -> list[Labels]:
    """The labels of all videos of a file.

    Persons without a number are counted in each image; a part without one belongs to the only
    person of its image. What is wrong is reported, and the videos that it is in are left out.
    """
    document = _read(path)
    categories: dict[Any, tuple[str, bool]] = {}
    for one in document["categories"]:
        name = str(one["name"])
        categories[one["id"]] = name, _is_object(one)
        if _is_object(one) and one.get("supercategory") != OBJECT and (guess := meant(name, PARTS)):
            report(f"{path}: unknown category {name!r}{guess}; expected person, a part, an object")
            return []
    videos: dict[str, _Video | None] = {}
    images = {
        image["id"]: _read_image(path, image, videos, find, report) for image in document["images"]
    }
    for place, entry in enumerate(document["annotations"], start=1):
        where = f"{path}: annotation {entry.get('id', place)}"
        if entry.get("image_id") not in images or entry.get("category_id") not in categories:
            report(f"{where}: no such image or category")
            return []
        image = images[entry["image_id"]]
        if image is not None:
            _read_entry(where, entry, categories[entry["category_id"]], *image)
    read = [video for video in videos.values() if video is not None]
    for video in read:
        _join_parts(video)
        for fault in video.faults:
            report(fault)
    return [Labels(video.clip, video.frames) for video in read if not video.faults]


def _read_image(
    path: Path, image: Document, videos: dict[str, _Video | None], find: Find, report: Report
) -> tuple[_Video, int] | None:
    """Video and frame of an image; None where there is no such video."""
    *_, video, name = ["", *str(image["file_name"]).replace("\\", "/").split("/")]
    number = frame_number(name, "jpg")
    if not video or number is None:
        report(f"{path}: image {name!r}; expected VIDEO/img_00001.jpg, …")
        return None
    if video not in videos:
        clip = find(video)
        videos[video] = None if clip is None else _Video(clip)
    own = videos[video]
    if own is None:
        return None
    if number > own.clip.frames:
        own.faults.append(
            f"{path}: image {video}/{name}: {own.clip.path} has {own.clip.frames} frames"
        )
    own.frames[number] = Frame()
    return own, number


def _read_entry(
    where: str, entry: Document, category: tuple[str, bool], video: _Video, number: int
) -> None:
    """Put an annotation into its frame; a part is kept until all persons are there."""
    name, is_object = category
    frame, fault = video.frames[number], video.faults.append
    box = _read_box(where, entry, video.clip, fault)
    if box is None:
        return
    if is_object:
        frame.things.append(Thing(name, box))
        return
    attributes = entry.get("attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    person = attributes.get("person")
    if person is not None and (
        type(person) is not int or not NUMBER_RANGE[0] <= person <= NUMBER_RANGE[1]
    ):
        fault(f"{where}: person {person!r}; expected a number from 1 to {NUMBER_RANGE[1]}")
    elif name != PERSON:
        state = attributes.get("state")
        if not isinstance(state, str):
            fault(f"{where}: {name} without a state; expected attributes: state")
        else:
            video.parts.append((where, number, person, name, Part(box, state)))
    else:
        person = len(frame.persons) + 1 if person is None else person
        if person in frame.persons:
            fault(f"{where}: person {person} is in frame {number} twice; expected each once")
        frame.persons[person] = Person(box, keypoints=_read_keypoints(where, entry, fault))


def _read_box(where: str, entry: Document, clip: Clip, report: Report) -> Box | None:
    box = entry.get("bbox")
    if not is_box(box):
        report(f"{where}: bbox {str(box)[:60]}; expected x, y, width, height")
        return None
    x, y, width, height = box
    return box_within([x, y, x + width, y + height], clip.size, where, report)


def _read_keypoints(
    where: str, entry: Document, report: Report
) -> tuple[tuple[float, float, float], ...] | None:
    values = entry.get("keypoints")
    if values is None:
        return None
    scores = entry.get("keypoint_scores", [1.0] * len(KEYPOINTS))
    numbers = isinstance(values, list) and isinstance(scores, list)
    if not numbers or not all(type(value) in (int, float) for value in [*values, *scores]):
        report(f"{where}: keypoints; expected numbers")
    elif (len(values), len(scores)) != (3 * len(KEYPOINTS), len(KEYPOINTS)):
        report(f"{where}: {len(values)} numbers of keypoints; expected {3 * len(KEYPOINTS)}")
    else:
        joints = zip(values[::3], values[1::3], values[2::3], scores, strict=True)
        return tuple((x, y, score) if seen else (0.0, 0.0, 0.0) for x, y, seen, score in joints)
    return None


def _join_parts(video: _Video) -> None:
    """Give the parts to their persons."""
    for where, number, said, name, part in video.parts:
        persons = video.frames[number].persons
        person = said if said is not None or len(persons) != 1 else min(persons)
        if person is None:
            video.faults.append(
                f"{where}: {name} of nobody; expected the person's number in attributes: person"
            )
        elif person not in persons:
            video.faults.append(f"{where}: {name} of person {person}, who is not in that image")
        elif name in persons[person].parts:
            video.faults.append(f"{where}: person {person} has two of {name}; expected one")
        else:
            persons[person].parts[name] = part
