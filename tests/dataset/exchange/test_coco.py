"""COCO: what is written is read back, and is what pycocotools takes for COCO."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from partparse.dataset.exchange.coco import read_coco, read_names, write_coco
from partparse.dataset.exchange.labels import Frame, Labels, Part, Person, Thing
from partparse.errors import InputError
from tests.samples.exchange import CLIP, OBJECTS, WITH_KEYPOINTS

JOINTS = tuple((float(n + 1), float(n + 2), 1.0) for n in range(17))
LABELS = Labels(
    CLIP,
    {
        3: Frame(
            {2: Person((1, 2, 30.5, 40), {"hip": Part((9, 9, 12, 12), "lean on")}, JOINTS)},
            [Thing("bar", (0, 0, 63, 1))],
        ),
        8: Frame(),
    },
)


def read(path: Path) -> list[Labels]:
    def fail(fault: str) -> None:
        raise AssertionError(fault)

    return read_coco(path, lambda name: CLIP if name == "walk" else None, fail)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(labels=WITH_KEYPOINTS)
def test_labels_come_back_as_they_were(tmp_path: Path, labels: Labels) -> None:
    path = tmp_path / "a.json"
    assert write_coco(path, [labels], OBJECTS) == 1
    assert read(path) == ([labels] if labels.frames else [])
    used = {
        part.state
        for f in labels.frames.values()
        for p in f.persons.values()
        for part in p.parts.values()
    }
    assert read_names(path) == (sorted(used), list(OBJECTS))


def test_pycocotools_finds_all_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.json"
    write_coco(path, [LABELS], OBJECTS)
    coco = COCO(str(path))
    names = {one["id"]: one["name"] for one in coco.loadCats(coco.getCatIds())}
    assert list(names.values())[:2] == ["person", "head"] and len(names) == 13
    assert [one["file_name"] for one in coco.loadImgs(coco.getImgIds())] == [
        *("walk/img_00003.jpg", "walk/img_00008.jpg")
    ]
    found = {names[one["category_id"]]: one for one in coco.loadAnns(coco.getAnnIds())}
    assert found["person"]["bbox"] == [1, 2, 30.5, 39]  # edges: 1 to 31.5
    assert found["person"]["num_keypoints"] == 17
    assert found["hip"]["attributes"] == {"person": 2, "state": "lean on"}
    results = [one | {"score": 0.9} for one in coco.loadAnns(coco.getAnnIds())]
    for kind in ("bbox", "keypoints"):
        asked = [one for one in results if kind == "bbox" or "keypoints" in one]
        evaluation = COCOeval(coco, coco.loadRes(json.loads(json.dumps(asked))), kind)
        evaluation.params.catIds = [1] if kind == "keypoints" else coco.getCatIds()
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        assert evaluation.stats[0] == pytest.approx(1)


def changed(path: Path, change: Any) -> Path:
    write_coco(path, [LABELS], OBJECTS)
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    return path


def set_in(key: str, place: int, **values: Any) -> Any:
    return lambda document: document[key][place].update(values)


FAULTS = [
    (set_in("images", 0, file_name="000123.jpg"), "image '000123.jpg'; expected VIDEO/img_00001.j"),
    (set_in("images", 0, file_name="walk/img_00099.jpg"), "walk.mp4 has 60 frames"),
    (set_in("annotations", 0, category_id=99), "annotation 1: no such image or category"),
    (set_in("annotations", 0, bbox=[1, 2, 3]), "annotation 1: bbox .*; expected x, y, width"),
    (set_in("annotations", 0, bbox=[1, 2, 0, 3]), "expected a box with width and height"),
    (set_in("annotations", 0, bbox=[70, 2, 5, 3]), "lies outside the picture of 64x48"),
    (set_in("annotations", 0, keypoints=[1, 2]), "2 numbers of keypoints; expected 51"),
    (set_in("annotations", 0, attributes={"person": 0}), "person 0; expected a number from 1"),
    (set_in("annotations", 1, attributes={"person": 2}), "hip without a state; expected attrib"),
    (set_in("annotations", 1, attributes={"person": 5, "state": "a"}), "of person 5, who is not"),
    (set_in("annotations", 1, category_id=1), "person 2 is in frame 3 twice"),
    (set_in("categories", 2, name="left_am"), r"unknown category 'left_am' \(is 'left_arm' mean"),
]


@pytest.mark.parametrize(("change", "message"), FAULTS)
def test_what_is_wrong_is_told(tmp_path: Path, change: Any, message: str) -> None:
    path = changed(tmp_path / "a.json", change)
    faults: list[str] = []
    read_coco(path, lambda _: CLIP, faults.append)
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(faults[0])
    assert faults[0].startswith(f"{path}: ")


def test_persons_without_numbers_are_counted(tmp_path: Path) -> None:
    def forget(document: Any) -> None:
        for entry in document["annotations"]:
            entry.get("attributes", {}).pop("person", None)

    (labels,) = read(changed(tmp_path / "a.json", forget))
    assert labels.frames[3].persons[1].parts["hip"].state == "lean on"
    assert labels.frames[8] == Frame()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not valid JSON at line 1"),
        ("[]", "no list 'images'; expected a COCO file of instances"),
        ('{"images": [], "annotations": [3], "categories": []}', "no list 'annotations'"),
        ('{"images": [{"id": 1}], "annotations": [], "categories": []}', "no 'file_name' in it"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_names(path)
