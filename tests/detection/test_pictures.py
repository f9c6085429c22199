"""Crops, dots and growth: what the part detector is shown."""

import random
import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.augment import View
from partparse.boxes import mirror
from partparse.detection.crops import crop_windows, cut
from partparse.detection.dots import COLOURS, COLOURS_2021, LIMBS_2021, draw_dots
from partparse.detection.growth import grow_persons
from partparse.detection.part_pictures import PartCrops, draw_person
from partparse.detection.settings import GrowthSettings, PartPictureSettings
from partparse.detection.yolo.data import Example
from partparse.errors import InputError
from partparse.files.atomic import write_json
from partparse.frames.picture_cache import picture_path
from partparse.tables import BOX
from partparse.vocabulary import KEYPOINTS, PARTS, PERSON

SETTINGS = PartPictureSettings(
    image_size=64, crop_margin=0.0, dot_radius=0.05, dot_score=0.3, dots="ours"
)
NOSE, ELBOW, LEFT_WRIST, RIGHT_WRIST = (
    KEYPOINTS.index(name) for name in ("nose", "left_elbow", "left_wrist", "right_wrist")
)
PALETTE = [COLOURS[name] for name in KEYPOINTS]


def no_keypoints() -> np.ndarray:
    return np.full((17, 3), np.nan)


def some_keypoints(at: tuple[float, float]) -> pd.DataFrame:
    """A sure nose of the first person of frame 1 of video v, and no other keypoints."""
    points = np.zeros((1, 17, 3))
    points[0, NOSE] = *at, 1
    keys = pd.DataFrame({"video": ["v"], "frame": [1], "person": [1]})
    return tables.KEYPOINT_TABLE.validate(tables.unpack_keypoints(keys, points))


def test_windows_hold_the_box_and_stay_within_the_frame() -> None:
    box = np.array([[10, 20, 29, 39], [0.4, 0.4, 5.2, 5.2], [90, 90, 120, 99]])
    windows = crop_windows(box, 0.5, 100, 100)
    assert windows.tolist() == [[5, 15, 34, 44], [0, 0, 7, 7], [82, 87, 99, 99]]


def test_a_crop_takes_boxes_there_and_back() -> None:
    frame = np.zeros((120, 160, 3), np.uint8)
    crop = cut(frame, [40, 10, 79, 89], 64)
    assert crop.picture.shape == (64, 32, 3)
    box = np.array([[40, 10, 79, 89], [50.5, 20, 60, 33.25]])
    inner = crop.boxes_to_crop(box)
    np.testing.assert_allclose(inner[0], [0, 0, 31, 63])
    np.testing.assert_allclose(crop.boxes_to_frame(inner), box)


def test_a_part_thinner_than_a_pixel_of_the_frame_becomes_one() -> None:
    crop = cut(np.zeros((120, 160, 3), np.uint8), [40, 40, 51, 63], 160)
    thin = crop.boxes_to_frame([[10.0, 20, 13, 60], [10.0, 159, 40, 159]])
    assert (thin[:, 2:] >= thin[:, :2]).all()


def test_points_stay_on_what_they_mark() -> None:
    frame = np.zeros((90, 90, 3), np.uint8)
    frame[40:44, 52:56] = 255
    crop = cut(frame, [30, 20, 69, 79], 180)
    (x, y, score), _ = crop.points_to_crop([[53.5, 41.5, 0.5], [np.nan] * 3])
    ys, xs = np.nonzero(crop.picture[..., 0] > 127)
    np.testing.assert_allclose([x, y], [xs.mean(), ys.mean()], atol=0.51)
    assert score == 0.5


def test_every_keypoint_has_its_colour() -> None:
    assert set(COLOURS) == set(KEYPOINTS)
    assert len(set(PALETTE)) == len(KEYPOINTS)
    distances = np.abs(np.array(PALETTE)[:, None] - np.array(PALETTE)).sum(axis=2)
    assert distances[~np.eye(len(KEYPOINTS), dtype=bool)].min() > 120


@pytest.mark.parametrize(("size", "radius", "width"), [(100, 0.05, 11), (200, 0.05, 21)])
def test_a_dot_is_filled_round_and_a_share_of_the_crop(
    size: int, radius: float, width: int
) -> None:
    picture = np.zeros((size, size // 2, 3), np.uint8)
    keypoints = no_keypoints()
    keypoints[LEFT_WRIST] = size // 4, size // 2, 0.9
    draw_dots(picture, keypoints, SETTINGS.replace(dot_radius=radius))
    drawn = (picture == PALETTE[LEFT_WRIST]).all(axis=2)
    assert drawn[size // 2].sum() == pytest.approx(width, abs=1)
    assert drawn.sum() == pytest.approx(np.pi * (radius * size) ** 2, rel=0.25)
    assert drawn[size // 2, size // 4]
    assert not picture[~drawn].any()


@pytest.mark.parametrize("dots", ["ours", "second_2021"])
def test_only_confident_keypoints_are_drawn(dots: str) -> None:
    picture = np.zeros((50, 50, 3), np.uint8)
    keypoints = no_keypoints()
    keypoints[NOSE] = 25, 25, 0.29
    keypoints[LEFT_WRIST] = 1e9, -1e9, 1.0
    draw_dots(picture, keypoints, SETTINGS.replace(dots=dots))
    assert not picture.any()


def test_a_detector_without_dots_sees_the_crop_alone() -> None:
    picture = np.zeros((50, 50, 3), np.uint8)
    draw_dots(picture, np.full((17, 3), 25.0), SETTINGS.replace(dots=None))
    assert not picture.any()


def test_dots_of_2021_have_the_colour_of_their_part() -> None:
    parts: dict[str, set[tuple[int, int, int]]] = {}
    for name, colour in COLOURS_2021.items():
        parts.setdefault(name.split("_", 1)[-1], set()).add(colour)
    assert set(COLOURS_2021) == set(KEYPOINTS)
    assert len(set(COLOURS_2021.values())) == len(PARTS)
    assert parts["nose"] == parts["eye"] == parts["ear"]
    assert parts["shoulder"] == parts["elbow"]
    assert {part: len(colours) for part, colours in parts.items()} == {
        "nose": 1, "eye": 1, "ear": 1, "hip": 1,
        "shoulder": 2, "elbow": 2, "wrist": 2, "knee": 2, "ankle": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("width", "height", "radius", "thickness"), [(60, 90, 3, 1), (200, 450, 10, 3)]
)
def test_dots_of_2021_grow_with_the_crop_and_limbs_join_them(
    width: int, height: int, radius: int, thickness: int
) -> None:
    picture = np.zeros((height, width, 3), np.uint8)
    keypoints = no_keypoints()
    keypoints[ELBOW] = width // 2, height // 4, 0.9
    keypoints[LEFT_WRIST] = width // 2, height * 3 // 4, 0.4
    keypoints[RIGHT_WRIST] = width // 4, height // 2, 0.2  # too unsure
    draw_dots(picture, keypoints, SETTINGS.replace(dots="second_2021"))
    wrist = (picture == COLOURS_2021["left_wrist"]).all(axis=2)
    # the limb is drawn over the dots
    assert wrist.any(axis=1).sum() == pytest.approx(2 * radius + 1, abs=2)
    arm = next(
        colour for colour, limbs in LIMBS_2021.items() if ("left_elbow", "left_wrist") in limbs
    )
    limb = (picture[height // 2] == arm).all(axis=1)
    assert thickness <= limb.sum() <= thickness + 2  # OpenCV's lines are a bit wider
    seen = np.unique(picture.reshape(-1, 3), axis=0)
    assert len(seen) == 4  # black, arm, elbow, wrist


def test_limbs_of_2021_end_where_a_keypoint_lies_outside() -> None:
    picture = np.zeros((80, 80, 3), np.uint8)
    keypoints = no_keypoints()
    keypoints[ELBOW], keypoints[LEFT_WRIST] = (40, 40, 0.9), (40, 120, 0.9)
    draw_dots(picture, keypoints, SETTINGS.replace(dots="second_2021"))
    assert not picture[60:].any()


def test_training_is_shown_other_keypoints_than_were_found(
    annotated: tuple[pd.DataFrame, Path],
) -> None:
    """They move within what is asked for, as many as are asked for are lost, and epochs differ."""
    annotations, cache = annotated
    keypoints = some_keypoints(at=(29.5, 39.5))

    def places(**disturbed: float) -> np.ndarray:
        """Where the nose is drawn in 60 loads: (N, 2) pixels of the crop."""
        source = PartCrops(annotations, keypoints, cache, SETTINGS, **disturbed)
        random.seed(1)
        drawn = [(source.load(0, View()).picture == PALETTE[NOSE]).all(axis=2) for _ in range(60)]
        return np.array([np.argwhere(dot).mean(axis=0) for dot in drawn if dot.any()])

    still, moved = places(), places(noise=0.05)
    assert np.ptp(still, axis=0).max() == 0
    assert 1 < (moved - still).std() < 0.05 * SETTINGS.image_size
    assert 20 < len(places(hide=0.5)) < 40


def test_a_mirrored_person_has_the_dots_of_its_own_sides() -> None:
    frame = np.zeros((64, 64, 3), np.uint8)
    crop = cut(frame, [0, 0, 63, 63], 64)
    keypoints = no_keypoints()
    keypoints[LEFT_WRIST] = 10, 30, 1
    keypoints[RIGHT_WRIST] = 50, 30, 1
    plain = draw_person(crop, keypoints, View(), SETTINGS)
    assert tuple(plain[30, 10]) == PALETTE[LEFT_WRIST]
    assert tuple(plain[30, 50]) == PALETTE[RIGHT_WRIST]
    crop = cut(frame, [0, 0, 63, 63], 64)
    mirrored = draw_person(crop, keypoints, View(mirrored=True), SETTINGS)
    # the mirrored person's right wrist is where the left one was reflected to
    assert tuple(mirrored[30, 53]) == PALETTE[RIGHT_WRIST]
    assert tuple(mirrored[30, 13]) == PALETTE[LEFT_WRIST]


def test_dots_keep_their_colours_in_another_light() -> None:
    keypoints = no_keypoints()
    keypoints[LEFT_WRIST] = 10, 30, 1
    crop = cut(np.full((64, 64, 3), 90, np.uint8), [0, 0, 63, 63], 64)
    dark = draw_person(crop, keypoints, View(saturation=0.3, brightness=0.5), SETTINGS)
    assert tuple(dark[30, 10]) == PALETTE[LEFT_WRIST]
    assert tuple(dark[0, 0]) == (45, 45, 45)


@pytest.fixture
def annotated(tmp_path: Path) -> tuple[pd.DataFrame, Path]:
    """A frame with a person of two parts, and one without parts."""
    path = picture_path(tmp_path, "v", 1)
    path.parent.mkdir()
    cv2.imwrite(str(path), np.full((80, 100, 3), 90, np.uint8))
    rows = [
        ("v", 1, 1, "person", 10, 10, 49, 69, None),
        ("v", 1, 1, "left_hand", 5, 30, 19, 39, "none"),
        ("v", 1, 1, "hip", 20, 40, 39, 49, "none"),
        ("v", 1, 1, "head", 60, 1, 70, 5, "none"),
        ("v", 1, 2, "person", 60, 10, 89, 69, None),
    ]
    frame = pd.DataFrame(rows, columns=["video", "frame", "person", "part", *BOX, "state"])
    return tables.ANNOTATIONS.validate(frame), tmp_path


def seen_parts(example: Example) -> set[str]:
    return {PARTS[index] for index in example.classes if index < len(PARTS)}


def test_training_crops_hold_the_annotated_parts(annotated: tuple[pd.DataFrame, Path]) -> None:
    annotations, cache = annotated
    source = PartCrops(annotations, None, cache, SETTINGS)
    assert len(source) == 1  # a person without parts teaches nothing
    example = source.load(0, View())
    # the hand is cut off at the crop, the head lies outside
    assert seen_parts(example) == {"hip", "left_hand"}
    height, width = example.picture.shape[:2]
    assert (example.boxes >= 0).all()
    assert (example.boxes[:, 2] <= width - 1).all()
    assert (example.boxes[:, 3] <= height - 1).all()

    flipped = source.load(0, View(mirrored=True))
    assert seen_parts(flipped) == {"hip", "right_hand"}
    hip = example.classes.tolist().index(PARTS.index("hip"))
    np.testing.assert_allclose(flipped.boxes[hip], mirror(example.boxes[hip], width))


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_crop_leaves_open_what_it_has_no_label_of(
    annotated: tuple[pd.DataFrame, Path], mirrored: bool
) -> None:
    annotations, cache = annotated
    source = PartCrops(annotations, None, cache, SETTINGS)
    example = source.load(0, View(mirrored=mirrored))
    regions = example.classes >= len(PARTS)
    named = {source.names[index] for index in example.classes[regions]}
    assert named == {f"{part} ?" for part in set(PARTS) - seen_parts(example)}
    height, width = example.picture.shape[:2]
    assert np.unique(example.boxes[regions], axis=0).tolist() == [[0, 0, width - 1, height - 1]]


def test_millions_of_persons_fit_into_memory(tmp_path: Path) -> None:
    """The full data set trains on 1.26 million: half a kB each, where a table each took 6 kB."""
    persons, kinds = 5000, [PERSON, "head", "hip", "left_hand", "right_foot"]
    number = np.repeat(np.arange(persons), len(kinds)).astype(np.int32)
    left = np.zeros(len(number), np.float32)
    table = pd.DataFrame({"video": "v", "frame": 1 + number // 5, "person": 1 + number % 5})
    table = table.assign(part=kinds * persons, state="none", x1=left, y1=left, x2=left, y2=left)
    keys = table.iloc[:: len(kinds)].reset_index(drop=True)
    keypoints = tables.unpack_keypoints(keys, np.ones((persons, len(KEYPOINTS), 3)))
    tracemalloc.start()
    source = PartCrops(table, keypoints, tmp_path, SETTINGS)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(source) == persons
    assert held / persons < 500


def test_crops_of_persons_with_keypoints_have_dots(annotated: tuple[pd.DataFrame, Path]) -> None:
    annotations, cache = annotated
    keypoints = some_keypoints(at=(29.5, 39.5))
    with_dots = PartCrops(annotations, keypoints, cache, SETTINGS).load(0, View()).picture
    assert (with_dots == PALETTE[NOSE]).all(axis=2).any()
    elsewhere = keypoints.assign(person=np.int32(2))
    without = PartCrops(annotations, elsewhere, cache, SETTINGS).load(0, View()).picture
    assert not (without == PALETTE[NOSE]).all(axis=2).any()


def test_the_card_says_how_pictures_are_made(tmp_path: Path) -> None:
    write_json(tmp_path / "model.json", {"stage": "pose"})
    with pytest.raises(InputError, match="not the card of a part detector"):
        PartPictureSettings.read(tmp_path)


def test_boxes_grow_to_confident_keypoints_within_the_frame() -> None:
    box = [10.0, 10.0, 20.0, 30.0]
    keys = pd.DataFrame({"video": ["v"] * 3, "frame": [1, 1, 6], "person": [1, 2, 1]})
    persons = tables.PERSONS.validate(
        keys.assign(**dict(zip(BOX, box, strict=True)), score=0.5, track=-1)
    )
    points = np.zeros((2, 17, 3))
    points[0, NOSE] = 15, 4, 0.9
    points[0, LEFT_WRIST] = -7, 20, 0.5
    points[0, RIGHT_WRIST] = 15, 90, 0.49
    points[1, LEFT_WRIST] = 60, 20, 0.6
    # the second person has no keypoints
    keypoints = tables.KEYPOINT_TABLE.validate(tables.unpack_keypoints(keys.iloc[[0, 2]], points))
    frames = pd.DataFrame({"video": ["v"], "width": [50], "height": [40]})
    grown = grow_persons(persons, keypoints, frames, GrowthSettings(score=0.5))
    grown = tables.PERSONS.validate(grown)
    assert grown[BOX].to_numpy().tolist() == [[0, 4, 20, 30], box, [10, 10, 49, 30]]
    assert grown["score"].equals(persons["score"])


def test_growth_of_nobody() -> None:
    frames = pd.DataFrame({"video": ["v"], "width": [50], "height": [40]})
    none, empty = tables.empty(tables.PERSONS), tables.empty(tables.KEYPOINT_TABLE)
    assert len(grow_persons(none, empty, frames, GrowthSettings(score=0.5))) == 0
