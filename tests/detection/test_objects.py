"""Objects from frames to tables, with a detector trained for a moment on rectangles."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.augment import View
from partparse.detection import objects
from partparse.detection.frame_detection import FramePictures, frames_of, scored_frames
from partparse.detection.yolo.detector import Detections
from partparse.files.atomic import read_json
from partparse.frames.picture_cache import picture_path
from partparse.running.arguments import Job, Pictures
from partparse.tables import BOX
from tests.detection.test_stages import TRAINING
from tests.samples.prediction import predicted

FRAMES = 6
SETTINGS = objects.ObjectTrainSettings.of(TRAINING)
PREDICTION = objects.ObjectPredictSettings(score=0.0, iou=0.7, most=3, batch=2)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frames")
    (folder / "a").mkdir()
    for frame in range(1, FRAMES + 1):
        picture = np.zeros((60, 80, 3), np.uint8)
        picture[10:30, 5 * frame : 5 * frame + 20] = 200, 80, 80
        cv2.imwrite(str(picture_path(folder, "a", frame)), picture)
    return folder


@pytest.fixture(scope="module")
def frames() -> pd.DataFrame:
    table = {"video": ["a", "none"], "frames": [FRAMES, 0], "expected": FRAMES, "width": [80, 0]}
    table |= {"height": [60, 0], "fps": 10.0, "problem": None, "source": "1"}
    return tables.FRAMES.validate(pd.DataFrame(table))


@pytest.fixture(scope="module")
def annotations() -> pd.DataFrame:
    """A person on every frame."""
    keys = pd.DataFrame({"video": "a", "frame": range(1, FRAMES + 1), "person": 1})
    table = keys.assign(part="person", x1=0, y1=0, x2=70, y2=50, state=None)
    return tables.ANNOTATIONS.validate(table)


def boxes_of(names: list[str]) -> pd.DataFrame:
    """OBJECTS: one of each name on frames 1 to 4."""
    rows = [
        ("a", frame, number, name, 5 * frame, 10, 5 * frame + 19, 29)
        for frame in range(1, 5)
        for number, name in enumerate(names, start=1)
    ]
    columns = ["video", "frame", "object", "name", *BOX]
    return tables.OBJECTS.validate(pd.DataFrame(rows, columns=columns))


def detect(model: Path, frames: pd.DataFrame, cache: Path, folder: Path) -> pd.DataFrame:
    detector = objects.load_object_detector(model, PREDICTION, Pictures(frames, cache), Job())
    rows = {"scored": scored_frames(frames, 5), "frames": frames}
    (found,) = predicted(detector, rows, folder)
    return found


def train(
    annotations: pd.DataFrame, labels: pd.DataFrame, frames: pd.DataFrame, cache: Path, out: Path
) -> None:
    objects.train_objects(
        annotations,
        labels,
        Pictures(frames, cache),
        settings=SETTINGS,
        job=Job(version=1),
        out=out,
    )


def test_objects_of_scored_frames(annotations, frames, cache, tmp_path):
    model = tmp_path / "model"
    train(annotations, boxes_of(["barbell", "left_shoe"]), frames, cache, model)
    card = read_json(model / "model.json")
    assert card["names"] == ["barbell", "left_shoe", "right_shoe"]
    # the two frames without an object are trained on as well
    assert card["trained_on"] == {"videos": 2, "frames": FRAMES, "objects": 8}
    found = detect(model, frames, cache, tmp_path)
    assert set(found["frame"]) == {1, 6}
    in_frames = found.groupby("frame")
    assert all(rows["object"].tolist() == [1, 2, 3] for _, rows in in_frames)
    assert all(rows["score"].is_monotonic_decreasing for _, rows in in_frames)
    assert set(found["name"]) <= set(card["names"])
    assert found["x2"].max() <= 79


def test_a_data_set_without_objects_trains_nothing(annotations, frames, cache, tmp_path):
    model = tmp_path / "model"
    train(annotations, tables.empty(tables.OBJECTS), frames, cache, model)
    assert [path.name for path in model.iterdir()] == ["model.json"]
    assert detect(model, frames, cache, tmp_path).empty


def test_a_frame_in_the_mirror_swaps_boxes_and_sides(annotations, cache):
    labels = boxes_of(["left_shoe"])
    names = objects.object_names(labels)
    source = FramePictures(frames_of(annotations, labels), labels, names, cache)
    assert len(source) == FRAMES
    plain, mirrored = source.load(0, View()), source.load(0, View(mirrored=True))
    assert [names[i] for i in plain.classes] == ["left_shoe"]
    assert [names[i] for i in mirrored.classes] == ["right_shoe"]
    assert mirrored.boxes.tolist() == [[80 - 1 - 24, 10, 80 - 1 - 5, 29]]
    np.testing.assert_array_equal(mirrored.picture, plain.picture[:, ::-1])
    assert len(source.load(FRAMES - 1, View()).boxes) == 0


def test_what_was_found_is_counted_within_each_frame(frames):
    keys = scored_frames(frames, 5)
    assert keys.to_numpy().tolist() == [["a", 1], ["a", 6]]
    nothing = Detections(np.zeros((0, 4)), np.zeros(0), np.zeros(0, np.int64))
    two = Detections(
        np.array([[0, 0, 1, 1], [2, 2, 3, 3.0]]), np.array([0.9, 0.5]), np.array([1, 0])
    )
    table = objects.tabulate_objects(keys, [nothing, two], ["ball", "bar"])
    assert table[["frame", "object", "name"]].to_numpy().tolist() == [[6, 1, "bar"], [6, 2, "ball"]]
