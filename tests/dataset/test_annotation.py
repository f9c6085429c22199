import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from partparse.dataset.annotation import read_documents, read_video
from partparse.dataset.frame_check import check_frame
from partparse.errors import InputError
from partparse.vocabulary import PARTS, Vocabulary
from tests.samples.tiny import human, write_annotation

VOCABULARY = Vocabulary(("run",), PARTS, ("none", "bend"), ("bar",))
SIZE = (64, 48)


def part(**changes: Any) -> dict[str, Any]:
    return {"name": "head", "number": 1, "box": [12, 10, 20, 18], "verb": "none"} | changes


def test_persons_parts_and_objects(tmp_path: Path) -> None:
    first = human(3)
    first["parts"]["left_arm"] = {"box": [10.5, 12, 15, 30], "verb": "bend"}
    bar = {"name": "bar", "box": [0, 0, 63, 2]}
    write_annotation(tmp_path, 7, {"humans": [first, human(1, parts={})], "objects": [bar]})
    write_annotation(tmp_path, 2, {"humans": []})
    found = read_video(tmp_path, VOCABULARY, SIZE)
    rows = found.persons
    assert rows.frame.tolist() == [7, 7, 7, 7]
    assert rows.person.tolist() == [3, 3, 3, 1]
    assert rows.part == ("person", "head", "left_arm", "person")
    assert rows.state == (None, "none", "bend", None)
    assert rows.box[2].tolist() == [10.5, 12, 15, 30]
    assert (found.objects.frame[0], found.objects.object[0], found.objects.name) == (7, 1, ("bar",))
    assert found.objects.box.tolist() == [[0, 0, 63, 2]]
    assert found.clipped.size == 0


def test_humans_without_numbers_and_parts(tmp_path: Path) -> None:
    write_annotation(tmp_path, 1, {"humans": [{"box": [1, 1, 5, 5]}, {"box": [2, 2, 6, 6]}]})
    assert read_video(tmp_path, VOCABULARY, SIZE).persons.person.tolist() == [1, 2]


def test_a_folder_without_persons(tmp_path: Path) -> None:
    write_annotation(tmp_path, 1, {"humans": []})
    found = read_video(tmp_path, VOCABULARY, SIZE)
    assert found.persons.box.shape == (0, 4)


def test_a_box_that_sticks_out_is_clipped_and_counted(tmp_path: Path) -> None:
    write_annotation(tmp_path, 1, {"humans": [human()]})
    write_annotation(tmp_path, 4, {"humans": [human(box=[-3, 8, 64, 50])]})
    found = read_video(tmp_path, VOCABULARY, SIZE)
    assert found.persons.box[2].tolist() == [0, 8, 63, 47]
    assert found.clipped.tolist() == [4]
    assert read_video(tmp_path, VOCABULARY, None).persons.box[2].tolist() == [-3, 8, 64, 50]


FAULTS = [
    ([], r"\[\]; expected an object with the key 'humans'"),
    ({}, "humans: missing; expected a list"),
    ({"humans": {"1": human()}}, "humans: .*; expected a list"),
    ({"humans": [[1, 2]]}, r"human at place 1: \[1, 2\]; expected an object"),
    ({"humans": [human(), human()]}, "human 1: the number stands there twice"),
    (
        {"humans": [human(), human() | {"number": 1.0}]},
        "human 1.0: its number is not an integer from 1",
    ),
    ({"humans": [human(number=0)]}, "human 0: its number is not an integer from 1"),
    ({"humans": [human() | {"number": "1"}]}, "human '1': its number is not"),
    ({"humans": [human(number=2**40)]}, "its number is not an integer from 1"),
    ({"humans": [{"number": 1}]}, "human 1: box: missing; expected four finite numbers"),
    ({"humans": [human(box=[1, 2, 3])]}, r"human 1: box: \[1, 2, 3\]; expected four"),
    ({"humans": [human(box=[1, 2, 3, None])]}, "expected four finite numbers"),
    ({"humans": [human(box=["1", "2", "3", "4"])]}, "expected four finite numbers"),
    ({"humans": [human(box=[1, 2, 3, float("nan")])]}, "expected four finite numbers"),
    ({"humans": [human(box=[1, 2, 3, 10**400])]}, "expected four finite numbers"),
    ({"humans": [human(box=[9, 2, 3, 4])]}, r"the box \[9, 2, 3, 4\] has x2 < x1"),
    ({"humans": [human(box=[64, 2, 70, 4])]}, "lies outside the picture of 64x48 pixels"),
    ({"humans": [human(box=[1, -9, 3, -1])]}, "lies outside the picture of 64x48 pixels"),
    ({"humans": [human(parts=None)]}, "parts: null; expected an object .*, or none at all"),
    ({"humans": [human(parts=[part()])]}, "human 1: parts: .*; expected an object"),
    ({"humans": [human(parts={"tail": part()})]}, "human 1: unknown part 'tail'; expected one of"),
    ({"humans": [human(parts={"person": part(name="person")})]}, "unknown part 'person'"),
    ({"humans": [human(parts={"head": "none"})]}, 'human 1, head: "none"; expected an object'),
    ({"humans": [human(parts={"head": part(name="hip")})]}, "head: its name is 'hip'"),
    ({"humans": [human(parts={"head": part(verb="fly")})]}, "human 1, head: unknown state 'fly'"),
    ({"humans": [human(parts={"head": part(verb=["none"])})]}, r"head: verb: \[\"none\"\]; expect"),
    ({"humans": [human(parts={"head": part(verb=None)})]}, "head: verb: null; expected the state"),
    ({"humans": [human(parts={"head": {"box": [1, 2, 3, 4]}})]}, "head: verb: missing; expected"),
    ({"humans": [], "objects": None}, "objects: null; expected a list, or none at all"),
    ({"humans": [human(parts={"head": part(box=7)})]}, "human 1, head: box: 7; expected four"),
    ({"humans": [], "objects": {"bar": []}}, "objects: .*; expected a list"),
    ({"humans": [], "objects": [{"box": [1, 2, 3, 4]}]}, "object 1: .*; expected an object with a"),
    ({"humans": [], "objects": [{"name": "bar"}]}, "object 1, 'bar': box: missing"),
]


@pytest.mark.parametrize(("document", "message"), FAULTS)
def test_what_is_wrong_is_said(tmp_path: Path, document: Any, message: str) -> None:
    write_annotation(tmp_path, 1, {"humans": [human()]})
    path = write_annotation(tmp_path, 12, document)
    with pytest.raises(InputError, match=message) as error:
        read_video(tmp_path, VOCABULARY, SIZE)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_frames_with_a_fault_are_left_out_where_it_is_reported(tmp_path: Path) -> None:
    for frame in (1, 3, 4):
        write_annotation(tmp_path, frame, {"humans": [human()] if frame > 1 else []})
    write_annotation(tmp_path, 2, {"humans": [human(parts={"head": part(verb="fly", box=[1])})]})
    (tmp_path / "img_00005.json").write_text("[")
    faults: list[str] = []
    found = read_video(tmp_path, VOCABULARY, SIZE, faults.append)
    assert found.frames.tolist() == [1, 3, 4]
    assert found.persons.frame.tolist() == [3, 3, 4, 4]
    assert [fault.partition(": ")[0][-14:] for fault in faults] == [
        *["img_00002.json"] * 2,
        "img_00005.json",
    ]


def test_the_check_of_a_frame_goes_on_after_a_fault() -> None:
    document = {"humans": [human(parts={"head": part(verb="fly", box=[1])}), human(box=None)]}
    faults: list[str] = []
    check_frame(document, Path("a.json"), VOCABULARY, SIZE, faults.append, strict=True)
    assert len(faults) == 4


def test_the_strict_check_refuses_what_reading_mends() -> None:
    bar = {"name": "anvil", "box": [0, 0, 64, 2]}
    faults: list[str] = []
    for strict in (False, True):
        document = {"humans": [human(box=[-1, 0, 9, 9])], "objects": [bar]}
        check_frame(document, Path("a.json"), VOCABULARY, SIZE, faults.append, strict=strict)
    sticks_out = "sticks out of the picture of 64x48 pixels; a run clips it"
    assert [fault.split(": ", 1)[1] for fault in faults] == [
        f"human 1: the box [-1, 0, 9, 9] {sticks_out}",
        "object 1: unknown object 'anvil'; expected a name in list/object.txt",
        f"object 1, 'anvil': the box [0, 0, 64, 2] {sticks_out}",
    ]


def test_a_json_that_is_cut_in_the_middle(tmp_path: Path) -> None:
    path = write_annotation(tmp_path, 3, {"humans": [human()]})
    path.write_text(path.read_text()[:40])
    with pytest.raises(InputError, match=r"img_00003.json: not valid JSON at line 1, column"):
        read_video(tmp_path, VOCABULARY, SIZE)


def test_frames_from_zero_are_one_fault(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"img_{number:05d}.json").write_text(json.dumps({"humans": []}))
    with pytest.raises(InputError, match=r"img_00000.json: frames are numbered from 0; .* rename"):
        list(read_documents(tmp_path))
    faults: list[str] = []
    assert list(read_documents(tmp_path, faults.append)) == []
    assert len(faults) == 1


@pytest.mark.parametrize("name", ["img_1.json", "img_00001.txt", "frame.json"])
def test_other_files_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(json.dumps({"humans": []}))
    with pytest.raises(InputError, match=f"{name}: not an annotation; expected img_00001.json"):
        read_video(tmp_path, VOCABULARY, SIZE)


def test_the_real_annotations(real_clips: Path) -> None:
    from partparse.dataset.lists import read_vocabulary

    folder = real_clips / "train_annotations/walking/openpose_street_000020"
    found = read_video(folder, read_vocabulary(real_clips), (640, 360))
    persons = np.array(found.persons.part) == "person"
    assert (persons.sum(), (~persons).sum()) == (214, 1778)


def test_no_more_than_a_frame_is_held_as_it_stands_in_its_file(tmp_path: Path) -> None:
    """So that memory follows from the rows of a video, not from the text of its files."""
    peaks = []
    for frames in (range(1, 3), range(3, 101)):
        for frame in frames:
            write_annotation(tmp_path, frame, {"humans": [human()], "remark": "x" * 100_000})
        tracemalloc.start()
        read_video(tmp_path, VOCABULARY, None)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]
