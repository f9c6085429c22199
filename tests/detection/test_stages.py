"""Persons and parts from frames to tables, with detectors trained for a moment on rectangles."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.augment import View
from partparse.detection import parts, persons
from partparse.detection.frame_detection import scored_frames
from partparse.errors import InputError
from partparse.running.arguments import Job, Pictures
from partparse.sampling import scored_rows
from partparse.tables import BOX
from partparse.vocabulary import KEYPOINTS, PARTS
from tests.samples.detection import (
    FRAMES,
    STRIDE,
    TRAINING,
    make_annotations,
    make_frames,
    write_frames,
)
from tests.samples.prediction import predicted

PERSON_TRAINING = persons.PersonTrainSettings.of(TRAINING)
PART_TRAINING = parts.PartTrainSettings.of(
    TRAINING
    | {"crop_margin": 0.2, "dots": "ours", "dot_radius": 0.03, "dot_score": 0.3}
    | {"dot_noise": 0.02, "dot_hide": 0.1}
)
PREDICTION = persons.PersonPredictSettings(score=0.0, iou=0.7, most=10, batch=2)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_frames(tmp_path_factory.mktemp("frames"))


@pytest.fixture(scope="module")
def annotations() -> pd.DataFrame:
    return make_annotations()


@pytest.fixture(scope="module")
def frames() -> pd.DataFrame:
    return make_frames()


@pytest.fixture(scope="module")
def keypoints(annotations: pd.DataFrame) -> pd.DataFrame:
    people = annotations[annotations["part"] == "person"].reset_index(drop=True)
    points = np.zeros((len(people), 17, 3))
    points[:, KEYPOINTS.index("nose")] = 30, 15, 0.9
    return tables.KEYPOINT_TABLE.validate(tables.unpack_keypoints(people, points))


@pytest.fixture(scope="module")
def person_model(
    tmp_path_factory: pytest.TempPathFactory,
    annotations: pd.DataFrame,
    frames: pd.DataFrame,
    cache: Path,
) -> Path:
    out = tmp_path_factory.mktemp("persons") / "model"
    pictures = Pictures(frames, cache)
    persons.train_persons(
        annotations, pictures, settings=PERSON_TRAINING, job=Job(version=1), out=out
    )
    return out


@pytest.fixture(scope="module")
def part_model(
    tmp_path_factory: pytest.TempPathFactory,
    annotations: pd.DataFrame,
    frames: pd.DataFrame,
    keypoints: pd.DataFrame,
    cache: Path,
) -> Path:
    out = tmp_path_factory.mktemp("parts") / "model"
    parts.train_parts(
        annotations,
        Pictures(frames, cache),
        keypoints,
        settings=PART_TRAINING,
        job=Job(version=1),
        out=out,
    )
    return out


def detect_persons(
    model: Path,
    frames: pd.DataFrame,
    cache: Path,
    folder: Path,
    settings: persons.PersonPredictSettings = PREDICTION,
) -> pd.DataFrame:
    detector = persons.load_person_detector(model, settings, Pictures(frames, cache), Job())
    rows = {"scored": scored_frames(frames, STRIDE), "frames": frames}
    (found,) = predicted(detector, rows, folder)
    return found


def detect_parts(
    model: Path, rows: dict[str, pd.DataFrame], cache: Path, folder: Path
) -> pd.DataFrame:
    detector = parts.load_part_detector(
        model,
        parts.PartPredictSettings(batch=3),
        Pictures(rows["frames"], cache),
        Job(),
        dots="keypoints" in rows,
    )
    (found,) = predicted(detector, rows, folder)
    return found


def some_persons(frames: list[int]) -> pd.DataFrame:
    keys = pd.DataFrame(
        {"video": "a", "frame": np.repeat(frames, 2), "person": [1, 2] * len(frames)}
    )
    box = dict(zip(BOX, [10.0, 10.0, 39.0, 49.0], strict=True))
    return tables.PERSONS.validate(keys.assign(**box, score=0.5, track=-1))


def test_the_person_model_says_what_it_was_made_from(person_model: Path) -> None:
    card = json.loads((person_model / "model.json").read_text())
    assert card["settings"] == PERSON_TRAINING.model_dump(mode="json")
    assert card["trained_on"]["frames"] == 2 * FRAMES
    assert {"torch", "ultralytics"} <= set(card["versions"])
    assert len((person_model / "training.csv").read_text().splitlines()) == 1 + 2


def test_persons_of_scored_frames(
    person_model: Path, frames: pd.DataFrame, cache: Path, tmp_path: Path
) -> None:
    found = detect_persons(person_model, frames, cache, tmp_path)
    assert set(found["video"]) == {"a", "b"}
    assert set(found["frame"]) == {1, 6, 11}
    in_frames = found.groupby(["video", "frame"])
    assert in_frames.size().max() == PREDICTION.most
    assert all(rows["person"].tolist() == list(range(1, 11)) for _, rows in in_frames)
    assert all(rows["score"].is_monotonic_decreasing for _, rows in in_frames)
    assert (found["track"] == -1).all()
    assert found[["x1", "y1"]].to_numpy().min() >= 0
    assert found["x2"].max() <= 79
    assert found["y2"].max() <= 59


def test_no_frame_at_all(
    person_model: Path, frames: pd.DataFrame, cache: Path, tmp_path: Path
) -> None:
    broken = frames[frames["video"] == "broken"]
    assert len(detect_persons(person_model, broken, cache, tmp_path)) == 0


def test_frames_without_a_person(
    person_model: Path, frames: pd.DataFrame, cache: Path, tmp_path: Path
) -> None:
    strict = persons.PersonPredictSettings(score=0.999, iou=0.7, most=10, batch=2)
    assert len(detect_persons(person_model, frames, cache, tmp_path, strict)) == 0


def test_training_skips_frames_off_the_stride_or_not_extracted(
    annotations: pd.DataFrame, frames: pd.DataFrame
) -> None:
    few = frames.assign(frames=frames["frames"].clip(upper=7))
    chosen = scored_rows(annotations, 3, few)
    assert sorted(chosen["frame"].unique()) == [1, 4, 7]
    assert len(scored_rows(annotations, 1, frames[frames["frames"] == 0])) == 0


def test_a_person_in_the_mirror(annotations: pd.DataFrame, cache: Path) -> None:
    source = persons.label_persons(annotations, cache)
    plain, mirrored = source.load(0, View()), source.load(0, View(mirrored=True))
    np.testing.assert_array_equal(mirrored.picture, plain.picture[:, ::-1])
    assert plain.boxes.tolist() == [[13, 10, 32, 49]]
    assert mirrored.boxes.tolist() == [[47, 10, 66, 49]]


def test_every_person_gets_one_box_a_part(
    part_model: Path, frames: pd.DataFrame, keypoints: pd.DataFrame, cache: Path, tmp_path: Path
) -> None:
    people = some_persons([1, 6])
    mixed = people.sample(frac=1, random_state=0)
    rows = {"persons": mixed, "keypoints": keypoints, "frames": frames}
    found = detect_parts(part_model, rows, cache, tmp_path)
    sizes = found.groupby(["video", "frame", "person"])["part"].agg(set)
    assert len(sizes) == len(people)
    assert all(names == set(PARTS) for names in sizes)
    # boxes lie in the crop: the person's box and its margin
    assert found["x1"].min() >= 10 - 4
    assert found["x2"].max() <= 39 + 4


def test_parts_of_nobody(
    part_model: Path, frames: pd.DataFrame, keypoints: pd.DataFrame, cache: Path, tmp_path: Path
) -> None:
    nobody = tables.empty(tables.PERSONS)
    rows = {"persons": nobody, "keypoints": keypoints.iloc[:0], "frames": frames}
    assert len(detect_parts(part_model, rows, cache, tmp_path)) == 0


def test_a_detector_with_dots_asks_for_keypoints(
    part_model: Path, frames: pd.DataFrame, cache: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="trained with dots; expected keypoints"):
        detect_parts(part_model, {"persons": some_persons([1]), "frames": frames}, cache, tmp_path)


def test_without_keypoints_the_detector_is_plain(
    annotations: pd.DataFrame, frames: pd.DataFrame, cache: Path, tmp_path: Path
) -> None:
    few, model = annotations[annotations["frame"] <= 4], tmp_path / "model"
    pictures = Pictures(frames, cache)
    parts.train_parts(few, pictures, None, settings=PART_TRAINING, job=Job(version=1), out=model)
    assert json.loads((model / "model.json").read_text())["pictures"]["dots"] is None
    rows = {"persons": some_persons([1]), "frames": frames}
    assert len(detect_parts(model, rows, cache, tmp_path)) == 2 * len(PARTS)
