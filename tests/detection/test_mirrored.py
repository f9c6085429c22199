"""Detection in the mirror, by stand-ins that know colours and prefer what is on the left."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest

from partparse import boxes, tables
from partparse.augment import Picture, View
from partparse.detection.dots import COLOURS
from partparse.detection.frame_detection import detect_viewed
from partparse.detection.settings import FramePredictSettings, PartPictureSettings
from partparse.detection.yolo.detector import Detections, Detector
from partparse.files.atomic import write_json
from partparse.frames.picture_cache import picture_path
from partparse.tables import BOX
from partparse.vocabulary import KEYPOINTS, PARTS, PERSON
from tests.samples.detection import make_frames

WIDTH, HEIGHT = 96, 64
# whole blocks of JPEG, which keeps their colours then
PEOPLE = {"red": [16, 16, 31, 63], "blue": [48, 0, 79, 63]}
HEAD = [48, 0, 63, 15]
PICTURES = PartPictureSettings(
    image_size=64, crop_margin=0.0, dot_radius=0.05, dot_score=0.3, dots="ours"
)
Find = Callable[[Path, bool], pd.DataFrame]
"""What is found in a cache's frames, mirrored or not."""


def box_of(mask: Any) -> list[int]:
    ys, xs = np.nonzero(mask)
    return [xs.min(), ys.min(), xs.max(), ys.max()]


class SeesColours:
    """Finds what is red and what is blue; the further to the left, the higher the score."""

    names: tuple[str, ...] = (PERSON,)

    def detect(
        self, pictures: Sequence[Picture], *, score: float, iou: float, most: int
    ) -> list[Detections]:
        del score, iou, most
        return [self._detect(picture.astype(int)) for picture in pictures]

    def _detect(self, picture: np.ndarray) -> Detections:
        red, blue = (picture[..., c] - picture[..., 2 - c] > 90 for c in (0, 2))
        box = np.array([box_of(red), box_of(blue)], float)
        scores = 1 - box[:, 0] / picture.shape[1]
        order = np.argsort(-scores)
        return Detections(box[order], scores[order], np.arange(2)[order] % len(self.names))


class SeesParts:
    """Finds a head that is white, and hands where dots say so; else nothing."""

    def best(self, pictures: Sequence[Picture]) -> tuple[np.ndarray, np.ndarray]:
        box = np.zeros((len(pictures), len(PARTS), 4))
        for own, picture in zip(box, pictures, strict=True):
            own[PARTS.index("head")] = box_of((picture > 200).all(axis=2))
            for side in ("left", "right"):
                dot = (picture == COLOURS[f"{side}_wrist"]).all(axis=2)
                own[PARTS.index(f"{side}_hand")] = box_of(dot)
        return box, 1 - box[..., 0] / pictures[0].shape[1]


def draw_scene() -> Picture:
    """RGB: a red person and a blue one with a white head."""
    scene = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for (x1, y1, x2, y2), colour in zip(
        (*PEOPLE.values(), HEAD), ((200, 40, 40), (40, 40, 200), (255, 255, 255)), strict=True
    ):
        scene[y1 : y2 + 1, x1 : x2 + 1] = colour
    return scene


def write_scene(folder: Path, scene: Picture) -> Path:
    """The first frames of videos a and b."""
    for video in ("a", "b"):
        (folder / video).mkdir(parents=True)
        cv2.imwrite(str(picture_path(folder, video, 1)), scene[..., ::-1])
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "weights.pt").touch()
    write_json(folder / "model.json", {"pictures": PICTURES.model_dump()})
    return folder


@pytest.fixture
def find_persons(
    model: Path, tmp_path: Path, run_script: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Find:
    """The PERSONS in the first frames of a cache, by the program."""
    monkeypatch.setattr(Detector, "load", lambda *_: SeesColours())
    settings = {"score": 0.0, "iou": 1.0, "most": 9, "batch": 2}

    def find(cache: Path, mirrored: bool) -> pd.DataFrame:
        tables.write(make_frames(), cache / "frames.parquet", tables.FRAMES)
        run_script(
            "detect_persons.py", "--model", model, "--frames", cache / "frames.parquet",
            "--stride", 100, "--settings", json.dumps(settings),
            "--version", 1, *(["--mirrored"] if mirrored else []), "--threads", 1, "--gpus", 0,
            "--out", tmp_path / "persons.parquet",
        )  # fmt: skip
        return tables.read(tmp_path / "persons.parquet", tables.PERSONS)

    return find


def test_persons_in_the_mirror_are_where_they_are_in_the_frame(
    find_persons: Find, tmp_path: Path
) -> None:
    cache = write_scene(tmp_path / "frames", draw_scene())
    plain, mirrored = find_persons(cache, False), find_persons(cache, True)
    assert plain[BOX].to_numpy().tolist() == [*PEOPLE.values()] * 2
    # the mirror has the right one on the left, and so first
    assert mirrored[BOX].to_numpy().tolist() == [*reversed(PEOPLE.values())] * 2
    assert mirrored["person"].tolist() == [1, 2, 1, 2]
    assert mirrored["score"].tolist() == pytest.approx([1 - 16 / WIDTH, 1 - 64 / WIDTH] * 2)


def test_a_mirrored_scene_in_the_mirror_is_the_scene(find_persons: Find, tmp_path: Path) -> None:
    scene = draw_scene()
    plain = find_persons(write_scene(tmp_path / "frames", scene), False)
    mirrored = find_persons(write_scene(tmp_path / "mirrored", scene[:, ::-1]), True)
    np.testing.assert_array_equal(mirrored[BOX], boxes.mirror(plain[BOX], WIDTH))
    pd.testing.assert_frame_equal(mirrored.drop(columns=BOX), plain.drop(columns=BOX))


def test_what_was_half_done_without_the_mirror_is_not_used(
    find_persons: Find, tmp_path: Path
) -> None:
    cache = write_scene(tmp_path / "frames", draw_scene())
    # video a is done, and then one of b's frames is missing
    (cache / "b").rename(cache / "away")
    with pytest.raises(SystemExit):
        find_persons(cache, False)
    (cache / "away").rename(cache / "b")
    mirrored = find_persons(cache, True)
    assert mirrored[BOX].to_numpy().tolist() == [*reversed(PEOPLE.values())] * 2


def test_classes_with_a_side_change_it() -> None:
    detector: Any = SeesColours()
    detector.names = ("left_hand", "right_hand")
    how = FramePredictSettings(score=0.0, iou=1.0, most=9, batch=1)
    (plain,) = detect_viewed(detector, [draw_scene()], how, View())
    (mirrored,) = detect_viewed(detector, [draw_scene()], how, View(mirrored=True))
    assert plain.classes.tolist() == [0, 1]  # red, blue
    assert mirrored.classes.tolist() == [0, 1]  # blue, red


@pytest.fixture
def find_parts(
    model: Path, tmp_path: Path, run_script: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Find:
    """The PARTS_TABLE of the blue person in the first frame of video a, by the program."""
    monkeypatch.setattr(Detector, "load", lambda *_: SeesParts())
    keys = pd.DataFrame({"video": ["a"], "frame": [1], "person": [1]})
    box = dict(zip(BOX, map(float, PEOPLE["blue"]), strict=True))
    points = np.zeros((1, len(KEYPOINTS), 3))
    points[0, KEYPOINTS.index("left_wrist")] = 54, 30, 1
    points[0, KEYPOINTS.index("right_wrist")] = 70, 50, 1
    for name, table, schema in (
        ("persons", keys.assign(**box, score=0.5, track=-1), tables.PERSONS),
        ("keypoints", tables.unpack_keypoints(keys, points), tables.KEYPOINT_TABLE),
    ):
        tables.write(schema.validate(table), tmp_path / f"{name}.parquet", schema)

    def find(cache: Path, mirrored: bool) -> pd.DataFrame:
        tables.write(make_frames(), cache / "frames.parquet", tables.FRAMES)
        run_script(
            "detect_parts.py", "--model", model, "--persons", tmp_path / "persons.parquet",
            "--keypoints", tmp_path / "keypoints.parquet", "--frames", cache / "frames.parquet",
            "--settings", json.dumps({"batch": 3}),
            "--version", 1, *(["--mirrored"] if mirrored else []), "--threads", 1, "--gpus", 0,
            "--out", tmp_path / "parts.parquet",
        )  # fmt: skip
        return tables.read(tmp_path / "parts.parquet", tables.PARTS_TABLE)

    return find


def test_parts_in_the_mirror_are_where_they_are_in_the_frame(
    find_parts: Find, tmp_path: Path
) -> None:
    cache = write_scene(tmp_path / "frames", draw_scene())
    plain, mirrored = (
        find_parts(cache, flag).set_index("part").loc[["head", "left_hand", "right_hand"]]
        for flag in (False, True)
    )
    assert plain.loc["head", BOX].tolist() == HEAD
    assert plain.loc["left_hand", BOX].tolist() == [51, 27, 57, 33]
    np.testing.assert_array_equal(mirrored[BOX], plain[BOX])
    # scores are those of the places in the mirrored crop, which is 32 pixels wide
    seen = boxes.mirror(plain[BOX].to_numpy() - [48, 0, 48, 0], 32)
    np.testing.assert_allclose(mirrored["score"], 1 - seen[:, 0] / 32, rtol=1e-6)
    assert (mirrored["score"] != plain["score"]).all()
