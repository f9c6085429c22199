"""CVAT for video 1.1: what is written is read back, and what CVAT writes is understood."""

import json
import logging
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings

from partparse.dataset.exchange.cvat import label_settings, read_cvat, read_names, write_cvat
from partparse.dataset.exchange.labels import Clip, Frame, Labels, Part, Person, Thing
from partparse.errors import InputError
from tests.samples.exchange import ANYWHERE, CLIP, OBJECTS, STATES, on_a_grid

EXAMPLES = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(path: Path, *, keyframes: bool = False, clip: Clip | None = CLIP) -> Labels:
    def fail(fault: str) -> None:
        raise AssertionError(fault)

    (labels,) = read_cvat(path, lambda _: clip, fail, keyframes=keyframes)
    return labels


def faults_of(path: Path, clip: Clip | None = CLIP) -> list[str]:
    faults: list[str] = []
    assert read_cvat(path, lambda _: clip, faults.append, keyframes=False) == []
    return faults


@EXAMPLES
@given(labels=on_a_grid())
def test_labels_on_a_grid_come_back_as_they_were(tmp_path: Path, labels: Labels) -> None:
    write_cvat(tmp_path / "a.xml", labels, STATES)
    assert read(tmp_path / "a.xml") == labels


@EXAMPLES
@given(labels=ANYWHERE)
def test_labels_of_any_frames_come_back_as_keyframes(tmp_path: Path, labels: Labels) -> None:
    write_cvat(tmp_path / "a.xml", labels, STATES)
    assert read(tmp_path / "a.xml", keyframes=True) == labels


def test_a_person_leaves_and_returns(tmp_path: Path) -> None:
    one = Person((3, 4, 20, 30), {"head": Part((5, 5, 9.5, 9), "bend")})
    two = Person((30, 4, 50, 30.25))
    seen = {1: {1: one}, 6: {1: one, 2: two}, 11: {2: two}, 16: {}, 21: {1: two}}
    labels = Labels(CLIP, {number: Frame(dict(persons)) for number, persons in seen.items()})
    write_cvat(tmp_path / "a.xml", labels, STATES)
    root = ElementTree.parse(tmp_path / "a.xml").getroot()
    said = {
        (track.get("label"), track.get("group_id")): [
            (box.get("frame"), box.get("outside")) for box in track.iter("box")
        ]
        for track in root.iter("track")
    }
    assert said == {  # CVAT counts from 0; who is outside stays so until the next keyframe
        ("person", "1"): [("0", "0"), ("5", "0"), ("10", "1"), ("20", "0"), ("25", "1")],
        ("head", "1"): [("0", "0"), ("5", "0"), ("10", "1")],
        ("person", "2"): [("5", "0"), ("10", "0"), ("15", "1")],
    }
    box = next(root.iter("box"))  # edges: the last pixel is inside
    assert [box.get(name) for name in ("xtl", "ytl", "xbr", "ybr")] == [
        *("3.00", "4.00", "21.00", "31.00")
    ]
    assert {child.get("name"): child.text for child in root.findall("track/box/attribute")} == {
        "person": "2",
        "state": "bend",
    }
    assert root.findtext("meta/task/frame_filter") == "step=5"
    assert read(tmp_path / "a.xml") == labels


# as CVAT's documentation gives it: docs.cvat.ai, "XML annotation format", Interpolation
TASK = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task>
<id>5</id><name>a walk</name><size>{size}</size><mode>interpolation</mode><overlap>5</overlap>
<bugtracker></bugtracker><flipped>False</flipped><created>2018-09-25 12:32:09.868194+03:00</created>
{grid}<labels>
<label><name>person</name><attributes></attributes></label>
<label><name>head</name><type>bbox</type><attributes><attribute><name>state</name>
<mutable>True</mutable><input_type>select</input_type><default_value>?</default_value>
<values>?
none
lean on</values></attribute></attributes></label>
<label><name>bar</name><attributes></attributes></label></labels>
<segments><segment><id>5</id><start>0</start><stop>9</stop><url>http://x/?id=5</url></segment></segments>
<owner><username>admin</username><email></email></owner>
<original_size><width>64</width><height>48</height></original_size><source>walk.mp4</source>
</task><dumped>2018-09-25 16:05:07.134046+03:00</dumped></meta>
{tracks}
</annotations>
"""


def box(frame: int, place: str = "10 10 20 20", *, inside: str = "", **flags: object) -> str:
    corners = zip(("xtl", "ytl", "xbr", "ybr"), place.split(), strict=True)
    words = {"outside": 0, "occluded": 0, "keyframe": 1} | flags | dict(corners)
    attributes = " ".join(f'{key}="{value}"' for key, value in words.items())
    return f'<box frame="{frame}" {attributes}>{inside}</box>'


def track(label: str, *boxes: str, group: int = 0, number: int = 0) -> str:
    grouped = f' group_id="{group}"' if group else ""
    shapes = "".join(boxes)
    return f'<track id="{number}" label="{label}" source="manual"{grouped}>{shapes}</track>'


def attribute(name: str, value: object) -> str:
    return f'<attribute name="{name}">{value}</attribute>'


BEND = attribute("state", "none")


def write_task(folder: Path, *tracks: str, size: int = 10, grid: str = "") -> Path:
    path = folder / "annotations.xml"
    path.write_text(TASK.format(size=size, grid=grid, tracks="\n".join(tracks)))
    return path


def test_boxes_move_between_keyframes_and_states_stay(tmp_path: Path) -> None:
    path = write_task(
        tmp_path,
        track("person", box(0, "10 10 30 40"), box(4, "14 10 34 40"), group=3),
        track(
            "head",
            box(1, "10 10 20 20", inside=attribute("state", "lean on")),
            box(3, "12 14 22 24"),  # keeps its state
            box(4, "12 14 22 24", inside=attribute("state", "none")),
            box(6, "12 14 22 24", outside=1),
            group=3,
        ),
    )
    frames = read(path).frames
    assert list(frames) == list(range(1, 11))
    assert [frames[n].persons[1].box[0] for n in range(1, 7)] == [10, 11, 12, 13, 14, 14]
    seen = {n: frame.persons[1].parts for n, frame in frames.items()}
    heads = {n: parts["head"] for n, parts in seen.items() if "head" in parts}
    assert set(heads) == {2, 3, 4, 5, 6}
    assert heads[3] == Part((11, 12, 20, 21), "lean on")
    assert [heads[n].state for n in (2, 4, 5, 6)] == ["lean on", "lean on", "none", "none"]
    assert list(read(path, keyframes=True).frames) == [1, 2, 4, 5]


def test_what_cvat_has_interpolated_is_taken_as_it_stands(tmp_path: Path) -> None:
    moved = box(1, "50 10 60 20", keyframe=0)
    path = write_task(tmp_path, track("person", box(0), moved, box(2), box(3, outside=1)))
    assert read(path).frames[2].persons[1].box == (50, 10, 59, 19)
    assert list(read(path, keyframes=True).frames) == [1, 3]


def test_persons_get_numbers_and_parts_their_persons(tmp_path: Path) -> None:
    first, second = attribute("person", 2), attribute("person", 0)
    path = write_task(
        tmp_path,
        track("person", box(0, inside=first), group=8),
        track("person", box(0, "30 10 40 20", inside=second)),
        track("head", box(0, inside=BEND + attribute("person", 2)), number=2),
        track("hip", box(0, "30 10 32 12", inside=BEND + attribute("person", 1)), number=3),
        track("left_arm", box(0, inside=BEND), group=8, number=4),
        track("bar", box(0, "0 0 64 1"), number=5),
        size=1,
    )
    (frame,) = read(path).frames.values()
    assert {number: set(one.parts) for number, one in frame.persons.items()} == {
        1: {"hip"},
        2: {"head", "left_arm"},
    }
    assert frame.things == [Thing("bar", (0, 0, 63, 0))]


def test_a_part_belongs_to_the_only_person(tmp_path: Path) -> None:
    path = write_task(tmp_path, track("head", box(0, inside=BEND)), track("person", box(0)), size=1)
    assert read(path).frames[1].persons[1].parts["head"].state == "none"


def test_the_grid_of_a_task_with_a_step(tmp_path: Path) -> None:
    grid = (
        "<start_frame>2</start_frame><stop_frame>12</stop_frame><frame_filter>step=4</frame_filter>"
    )
    path = write_task(tmp_path, track("person", box(2), box(6, outside=1)), size=3, grid=grid)
    frames = read(path).frames
    assert {n: len(frame.persons) for n, frame in frames.items()} == {3: 1, 7: 0, 11: 0}


def test_boxes_are_clipped_to_the_picture(tmp_path: Path) -> None:
    path = write_task(tmp_path, track("person", box(0, "-3 40.5 70 50")), size=1)
    assert read(path).frames[1].persons[1].box == (0, 40.5, 63, 47)


FAULTS = [
    (
        track("person", box(0, "70 10 80 20")),
        "frame 0: the box .* lies outside the picture of 64x48",
    ),
    (track("person", box(0, "9 10 9 20")), "expected a box with width and height"),
    (track("person", box(0, "9 10 nan 20")), "expected a box with width and height"),
    (track("person", box(0, "9 10 x 20")), "a box without a number: .*'x'"),
    (track("person", box(0, rotation="12.5")), "a turned box; expected upright boxes"),
    (track("person", '<polygon frame="0" points="1,2;3,4;5,6"/>'), "a polygon; expected upright"),
    (track("left_am", box(0)), r"unknown label \(is 'left_arm' meant\?\)"),
    (track("head", box(0, inside=BEND)), r"track 0 \(head\): is of no person; expected a group"),
    (
        track("person", box(0)) + track("head", box(0), number=1),
        r"track 1 \(head\), frame 0: no state; expected one to be chosen",
    ),
    (
        track("person", box(0)) + track("head", box(0, inside=attribute("state", "?"))),
        "no state; expected one to be chosen",
    ),
    (
        track("person", box(0), group=1)
        + track("head", box(0, inside=BEND + attribute("person", 2)), group=1),
        "its attribute 'person' is 2, but its group has person 1; expected one of the two",
    ),
    (
        track("person", box(0), group=1)
        + track("person", box(0), group=1)
        + track("head", box(0, inside=BEND), group=1),
        r"persons \[1, 2\] are in its group",
    ),
    (
        track("person", box(3)) + track("head", box(0, inside=BEND)),
        "frame 0: person 1 is not seen there; expected a box of the person in each frame",
    ),
    (
        track("person", box(0, inside=attribute("person", 4)))
        + track("person", box(2, inside=attribute("person", 4)), number=1),
        r"track 1 \(person\), frame 2: person 4 has one there already, track 0 \(person\)",
    ),
    (
        track(
            "person", box(0, inside=attribute("person", 1)), box(2, inside=attribute("person", 2))
        ),
        "the attribute 'person' is not one number",
    ),
    (track("person", box(99)), "has a box in frame 99, but the task ends at frame 9"),
]


@pytest.mark.parametrize(("tracks", "message"), FAULTS)
def test_what_is_wrong_is_told_in_a_line(tmp_path: Path, tracks: str, message: str) -> None:
    path = write_task(tmp_path, tracks)
    (fault,) = faults_of(path)
    assert fault.startswith(f"{path}: track ")
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(fault)


def test_a_video_with_fewer_frames_is_another(tmp_path: Path) -> None:
    path = write_task(tmp_path, track("person", box(0)), size=75)
    (fault,) = faults_of(path)
    assert fault == (
        f"{path}: the task ends at frame 74 (from 0), but videos/walk.mp4 has 60 frames; expected "
        "the same video, at the same rate"
    )


def test_a_task_of_fewer_frames_is_spoken_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        read(write_task(tmp_path, track("person", box(0))))
    assert "ends at frame 9 (from 0), and videos/walk.mp4 has 60 frames" in caplog.text


def test_a_zip_as_cvat_gives_it(tmp_path: Path) -> None:
    path = write_task(tmp_path, track("person", box(0)))
    with zipfile.ZipFile(tmp_path / "task.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "annotations.xml")
    assert read(tmp_path / "task.zip") == read(path)
    assert read_names(tmp_path / "task.zip") == (["none", "lean on"], ["bar"])
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("a.txt", "")
    with pytest.raises(InputError, match=r"empty.zip: 0 XML files in it; expected one"):
        read_names(tmp_path / "empty.zip")


BOMB = (
    '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<annotations><meta><task><size>1</size><source>&b;</source></task></meta></annotations>"
)
LEAK = (
    '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    "<annotations><meta><task><size>1</size><source>&a;</source></task></meta></annotations>"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a readable XML file"),
        ("<annotations><meta>", "not a readable XML file"),
        (BOMB, "not a readable XML file: EntitiesForbidden"),
        (LEAK, "not a readable XML file: EntitiesForbidden"),
        ("<annotations/>", "no <meta> in it; expected what CVAT exports as `CVAT for video`"),
        ("<annotations><meta><project/></meta></annotations>", "the export of a task, not of a pr"),
        ("<annotations><meta><task/></meta></annotations>", "<size> is ''; expected a number"),
        (
            "<annotations><meta><task><size>9</size><frame_filter>every 2</frame_filter></task>"
            "</meta></annotations>",
            "<frame_filter> is 'every 2'; expected step=N",
        ),
        (
            "<annotations><meta><task><size>9</size></task></meta><image id='0'/></annotations>",
            "is `CVAT for images`; expected an export as `CVAT for video`",
        ),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as error:
        read_names(path)
    assert str(error.value).startswith(f"{path}: ")


def test_the_label_constructor_gets_every_name() -> None:
    found = {label["name"]: label for label in label_settings(STATES, OBJECTS)}
    assert len(found) == 1 + 10 + len(OBJECTS)
    state = next(one for one in found["left_foot"]["attributes"] if one["name"] == "state")
    assert state["mutable"] and state["values"] == ["?", *STATES]
    assert found["bar"]["attributes"] == []
    json.dumps(list(found.values()))


def test_an_object_called_like_a_part_is_refused(tmp_path: Path) -> None:
    labels = Labels(CLIP, {1: Frame(things=[Thing("head", (1, 2, 3, 4))])})
    with pytest.raises(InputError, match=r"an object is called 'head'; expected a name that is no"):
        write_cvat(tmp_path / "a.xml", labels, STATES)
    assert not (tmp_path / "a.xml").exists()
