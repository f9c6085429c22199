import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from partparse.dataset import check
from partparse.dataset.check import check_dataset
from partparse.errors import FaultGroups
from partparse.vocabulary import PARTS
from tests.samples.tiny import FRAMES, human, write_annotation, write_data_set, write_video


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_data_set(tmp_path / "data")


def test_a_sound_data_set_has_no_faults(root: Path) -> None:
    assert list(check_dataset(root)) == []


def test_the_real_clips_have_no_faults(real_clips: Path) -> None:
    assert list(check_dataset(real_clips)) == []


def test_every_fault_is_listed(root: Path) -> None:
    (root / "list/object.txt").write_text("")
    flist = root / "list/video_train_flist.csv"
    flist.write_text("j1,8\nj2,9\nr1,8\nghost,8\n")
    (root / "train_videos/run/notes.txt").touch()
    (root / "train_videos/run/r1.mp4").write_bytes(b"")
    shutil.rmtree(root / "train_annotations/jump/j1")
    folder = root / "train_annotations/jump/j2"
    parts = {"head": {"box": [1, 1, 70, 9], "verb": "sing"}}
    first = write_annotation(folder, 1, {"humans": [human(parts=parts)]})
    cut = write_annotation(folder, 2, {"humans": [human()]})
    cut.write_text(cut.read_text()[:50])
    write_annotation(folder, 10, {"humans": [human()]})
    write_annotation(root / "train_annotations/run/stray", 1, {"humans": []})
    (root / "keypoints/run").mkdir(parents=True)
    np.savez(root / "keypoints/run/r2.npz", keypoints=np.zeros((8, 17, 3)))
    faults = list(check_dataset(root))
    expected = [
        "train_videos/run/notes.txt: not a video; expected a file .mp4",
        "list/object.txt: no names in it",
        "video_train_flist.csv: the video 'ghost' is listed but does not exist",
        "video_train_flist.csv: train_videos/run/r2.mp4 is not listed; expected a line r2,FRAMES",
        "train_annotations: train_videos/jump/j1.mp4 has no annotations",
        "j2.mp4: 8 frames; expected 9 as in list/video_train_flist.csv",
        f"{first.name}: human 1, head: unknown state 'sing'",
        f"{first.name}: human 1, head: the box [1, 1, 70, 9] sticks out of the picture of 64x48",
        f"{cut.name}: not valid JSON at line 1, column",
        "img_00010.json: frame 10 is annotated, but train_videos/jump/j2.mp4 has 9 frames",
        "r1.mp4: not a readable video",
        "r2.npz: keypoints are float64 (8, 17, 3); expected an array",
        "run/stray: no train video belongs to this annotation",
    ]
    assert len(faults) == len(expected)
    for fault, text in zip(faults, expected, strict=True):
        assert text in fault
        assert fault.startswith(str(root))


def test_a_root_without_anything(tmp_path: Path) -> None:
    faults = list(check_dataset(tmp_path))
    assert len(faults) == len(set(faults)) == 5  # three folders, two lists
    assert all("no such" in fault for fault in faults)
    assert list(check_dataset(tmp_path / "absent")) == [
        f"{tmp_path / 'absent'}: no such folder; expected the folder of a data set"
    ]


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("list/part_stat.txt", "list/part_stat.txt: no such file; expected your states"),
        ("train_annotations", "train_annotations: no such folder; expected train_annotations/"),
        ("test_videos", "test_videos: no such folder"),
    ],
)
def test_what_follows_from_something_missing_is_not_told(root: Path, missing: str, told: str):
    path = root / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    if missing == "test_videos":
        shutil.rmtree(root / "test_annotations")
    (fault,) = list(check_dataset(root))
    assert told in fault


def test_annotations_of_another_action(root: Path) -> None:
    (root / "train_annotations/run").rename(root / "train_annotations/runs")
    faults = list(check_dataset(root))
    assert len(faults) == 4
    assert "train_videos/run/r1.mp4 has no annotations; expected run/r1/img_00001.json" in faults[0]
    assert faults[2].endswith("runs/r1: this video's action is 'run', not 'runs'")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Bend", "unknown state 'Bend' (is 'bend' meant?); expected one of the 2 names"),
        ("bent", "unknown state 'bent' (is 'bend' meant?)"),
        ("sing", "unknown state 'sing'; expected one of the 2 names"),
    ],
)
def test_the_name_that_is_meant(root: Path, written: str, told: str) -> None:
    parts = {"head": {"box": [11, 9, 20, 20], "verb": written}}
    write_annotation(root / "train_annotations/jump/j1", 1, {"humans": [human(parts=parts)]})
    (fault,) = list(check_dataset(root))
    assert told in fault


def test_objects_and_counts_may_be_left_out(root: Path) -> None:
    for name in ("object.txt", "video_train_flist.csv", "video_test_flist.csv"):
        (root / "list" / name).unlink()
    assert list(check_dataset(root)) == []


def test_gaps_between_pictures(root: Path) -> None:
    import cv2

    (root / "train_videos/run/r1.mp4").unlink()
    folder = root / "train_videos/run/r1"
    folder.mkdir()
    for number in (1, 2, 4, 8):
        cv2.imwrite(str(folder / f"img_{number:05d}.jpg"), np.zeros((48, 64, 3), np.uint8))
    assert list(check_dataset(root)) == [f"{folder}: img_00003.jpg is missing (4 in all)"]


def test_a_count_that_the_container_has_wrong_is_no_fault(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = check.probe
    monkeypatch.setattr(check, "probe", lambda path: replace(plain(path), frames=99))
    assert list(check_dataset(root)) == []  # the lists are right, as decoding shows


def test_names_that_count_from_zero_are_one_fault_a_folder(root: Path) -> None:
    folder = root / "test_annotations/jump/t1"
    for path in sorted(folder.iterdir()):
        path.rename(folder / f"img_{int(path.stem[4:]) - 1:05d}.json")
    (fault,) = list(check_dataset(root))
    assert fault.startswith(f"{folder}/img_00000.json: frames are numbered from 0")


def test_annotations_in_two_places_and_none_in_a_folder(root: Path) -> None:
    folder = root / "train_annotations/run/r1"
    shutil.copytree(folder, root / "train_annotations/r1")
    for path in (root / "train_annotations/run/r2").iterdir():
        path.unlink()
    faults = list(check_dataset(root))
    assert len(faults) == 2
    assert "expected one of the two" in faults[0]
    assert "run/r2: no annotation that can be read" in faults[1]


def test_a_test_video_may_lack_annotations_only_if_all_do(root: Path) -> None:
    write_video(root / "test_videos/jump/t2.mp4")
    flist = root / "list/video_test_flist.csv"
    flist.write_text(flist.read_text() + "t2,8\n")
    assert ["t2.mp4 has no annotations" in fault for fault in list(check_dataset(root))] == [True]
    shutil.rmtree(root / "test_annotations")
    assert list(check_dataset(root)) == []


def test_equal_faults_are_one_line_that_counts_them(root: Path) -> None:
    """The four mistakes of docs/own-data.md."""
    for path in sorted((root / "train_annotations/jump").glob("*/*.json")):
        arm = {"box": [12, 10, 20, 18], "verb": "none"}
        path.write_text(json.dumps({"humans": [human(parts={"left arm": arm})]}))
    for path in sorted((root / "train_annotations/run").glob("*/*.json")):
        parts = {"head": {"box": [36, 28, 9, 9], "verb": "bended"}}
        path.write_text(json.dumps({"humans": [human(box=[30, 20, 20, 28], parts=parts)]}))
    (root / "list/video_train_flist.csv").write_text("j1,9\nj2,9\nr1,9\nr2,9\n")
    groups = FaultGroups()
    for fault in check_dataset(root):
        groups.add(fault)
    videos, annotations = root / "train_videos", root / "train_annotations"
    assert list(groups.lines()) == [
        f"4 × another number of frames than listed, first in {videos}/jump/j1.mp4: 8 frames; "
        "expected 9 as in list/video_train_flist.csv",
        f"16 × unknown part 'left arm' (is 'left_arm' meant?), first in {annotations}/jump/j1/"
        f"img_00001.json: human 1; expected one of {', '.join(PARTS)}",
        f"16 × unknown state 'bended' (is 'bend' meant?), first in {annotations}/run/r1/"
        "img_00001.json: human 1, head; expected one of the 2 names in list/part_stat.txt",
        f"2 × boxes are x, y, width, height throughout the video, first in {annotations}/run/r1; "
        "expected two corners: write x, y, x + width - 1, y + height - 1",
    ]
    assert groups.count == len(list(check_dataset(root))) == 38


def test_processes_hand_their_faults_on(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "CHUNK", 2)  # of five videos
    (root / "list/part_stat.txt").write_text("bended\n")
    found = list(check_dataset(root, workers=2))
    alone = list(check_dataset(root))
    assert found == alone
    assert [fault.kind for fault in found] == [fault.kind for fault in alone]
    assert "unknown state 'none'" in {fault.kind for fault in found}


@pytest.mark.parametrize(
    ("person", "head", "told"),
    [
        ([30, 20, 20, 28], [36, 28, 9, 9], ["boxes are x, y, width, height throughout"]),
        ([10, 8, 30, 40], [20, 18, 12, 10], ["head: the box [20, 18, 12, 10] has x2 < x1"] * 8),
        ([50, 40, 30, 20], [45, 38, 40, 30], ["human 1: the box", "head: the box"] * 8),
    ],
    ids=["width and height", "some exchanged", "all exchanged"],
)
def test_boxes_are_judged_as_a_video_s(
    root: Path, person: list[int], head: list[int], told: list[str]
) -> None:
    folder = root / "train_annotations/run/r1"
    parts = {"head": {"box": head, "verb": "none"}}
    for frame in range(1, FRAMES + 1):
        write_annotation(folder, frame, {"humans": [human(box=person, parts=parts), 5]})
    faults = list(check_dataset(root))
    others = [fault for fault in faults if fault.endswith("place 2: 5; expected an object")]
    assert len(others) == FRAMES  # what is no box is told as ever
    about = [fault for fault in faults if fault not in others]
    assert len(about) == len(told)
    assert all(text in fault for text, fault in zip(told, about, strict=True))
