from pathlib import Path
from typing import Any

import numpy as np
import pytest

from partparse import tables
from partparse.dataset.keypoints import (
    keypoint_file,
    load_keypoints,
    match_keypoints,
    read_keypoints,
)
from partparse.dataset.layout import list_videos
from partparse.dataset.lists import read_vocabulary
from partparse.dataset.tables import read_dataset
from partparse.errors import InputError
from tests.samples.tiny import write_data_set


def body(x1: float, y1: float, x2: float, y2: float, score: float = 1.0) -> np.ndarray:
    """(17, 3): keypoints along the diagonal of a box."""
    x, y = np.linspace(x1, x2, 17), np.linspace(y1, y2, 17)
    return np.stack([x, y, np.full(17, score)], axis=1).astype(np.float32)


def save(path: Path, array: Any, name: str = "keypoints") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: Any = {name: np.asarray(array)}
    np.savez(path, **arrays)
    return path


def test_persons_are_matched_by_place_not_by_order() -> None:
    boxes = np.array([[0, 0, 10, 20], [50, 0, 60, 20], [50, 0, 60, 20.0]])
    left, right = body(1, 1, 9, 19), body(51, 1, 59, 19)
    keypoints = np.stack([np.stack([right, left]), np.stack([left, right])])
    rows, points = match_keypoints(np.array([1, 1, 2]), boxes, keypoints)
    assert rows.tolist() == [0, 1, 2]
    assert np.array_equal(points, np.stack([left, right, right]))


def test_a_person_behind_another_is_told_apart() -> None:
    boxes = np.array([[0, 0, 100, 100], [30, 30, 60, 60.0]])
    small, large = body(31, 31, 59, 59), body(1, 1, 99, 99)
    rows, points = match_keypoints(np.array([1, 1]), boxes, np.stack([small, large])[None])
    assert rows.tolist() == [0, 1]
    assert np.array_equal(points, np.stack([large, small]))


def test_each_person_is_used_once() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 1, 10, 10.0]])
    rows, _ = match_keypoints(np.array([1, 1]), boxes, body(1, 1, 9, 9)[None, None])
    assert rows.tolist() == [1]


def test_keypoints_outside_the_box_are_no_match() -> None:
    keypoints = np.stack([body(8, 8, 40, 40), np.zeros((17, 3), np.float32)])[None]
    rows, points = match_keypoints(np.array([1, 7]), np.array([[0, 0, 10, 10]] * 2), keypoints)
    assert rows.size == 0
    assert points.shape == (0, 17, 3)


def test_keypoints_with_a_low_score_weigh_little() -> None:
    points = body(1, 1, 9, 9)
    points[:10] = [90, 90, 0.1]
    rows, _ = match_keypoints(np.array([1]), np.array([[0, 0, 10, 10]]), points[None, None])
    assert rows.tolist() == [0]


def test_what_is_not_there_is_zero(tmp_path: Path) -> None:
    array = body(1, 1, 9, 9, score=2)[None, None].astype(float)
    array[0, 0, 0] = np.nan
    array[0, 0, 1] = [0, 0, 1]
    array[0, 0, 2] = [5, 5, 0]
    array[0, 0, 3, 2] = 0.5
    found = load_keypoints(save(tmp_path / "v.npz", array))
    assert found.dtype == np.float32
    assert not found[0, 0, :3].any()
    assert found[0, 0, 3, 2] == 0.5
    assert (found[0, 0, 4:, 2] == 1).all()


@pytest.mark.parametrize(
    ("array", "name", "message"),
    [
        (np.zeros((2, 17, 3)), "keypoints", r"keypoints are float64 \(2, 17, 3\); expected an arr"),
        (np.zeros((2, 1, 33, 3)), "keypoints", r"\(2, 1, 33, 3\); expected"),
        (np.full((2, 1, 17, 3), "a"), "keypoints", "keypoints are <U1"),
        (np.zeros((2, 1, 17, 3)), "points", r"v.npz: expected an array 'keypoints'"),
        (np.array([[None]]), "keypoints", r"not a readable .npz file \(Object arrays"),
    ],
)
def test_other_arrays_are_refused(tmp_path: Path, array: Any, name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_keypoints(save(tmp_path / "v.npz", array, name))


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"v.npz: not a readable .npz file"):
        load_keypoints(tmp_path / "v.npz")


def test_a_lone_array_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "v.npz").open("wb") as file:
        np.save(file, np.zeros((2, 1, 17, 3)))
    with pytest.raises(InputError, match=r"v.npz: not a readable .npz file"):
        load_keypoints(tmp_path / "v.npz")


def test_the_file_is_found_without_the_action(tmp_path: Path) -> None:
    assert keypoint_file(tmp_path, "v") is None
    path = save(tmp_path / "keypoints/run/v.npz", [0])
    assert keypoint_file(tmp_path, "v") == path
    save(tmp_path / "keypoints/jump/v.npz", [0])
    with pytest.raises(InputError, match="expected one of the two"):
        keypoint_file(tmp_path, "v")
    with pytest.raises(InputError, match="not a video id"):
        keypoint_file(tmp_path, "../v")


def test_keypoints_of_a_data_set(tmp_path: Path) -> None:
    root = write_data_set(tmp_path)
    annotations = read_dataset(root, list_videos(root), read_vocabulary(root)).annotations
    assert len(read_keypoints(root, annotations)) == 0
    array = np.zeros((5, 2, 17, 3))
    array[1:, 1] = body(11, 9, 29, 39)
    save(root / "keypoints/run/r1.npz", array)
    found = read_keypoints(root, annotations)
    assert found[["video", "frame", "person"]].to_numpy().tolist() == [
        ["r1", frame, 1] for frame in (2, 3, 4, 5)
    ]
    assert np.allclose(tables.pack_keypoints(found), array[1:, 1])
    assert len(read_keypoints(root, tables.empty(tables.ANNOTATIONS))) == 0


def test_the_real_clips(real_clips: Path) -> None:
    files = [file for file in list_videos(real_clips) if file.video == "openpose_street_000121"]
    annotations = read_dataset(real_clips, files, read_vocabulary(real_clips)).annotations
    found = read_keypoints(real_clips, annotations)
    assert len(found) == (annotations["part"] == "person").sum() == 194
    with np.load(real_clips / "keypoints/walking/openpose_street_000121.npz") as archive:
        order = archive["numbers"].tolist()
        expected = archive["keypoints"][
            found["frame"] - 1, [order.index(p) for p in found["person"]]
        ]
    assert np.allclose(tables.pack_keypoints(found)[..., :2], expected[..., :2])
