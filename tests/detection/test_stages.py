"""Persons and parts from frames to tables, with detectors trained for a moment on rectangles."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.augment import View
from partparse.detection import parts, persons
from partparse.errors import InputError
from partparse.running.per_video import write_by_video
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

PERSON_TRAINING = persons.PersonTrainSettings.of(TRAINING)
PART_TRAINING = parts.PartTrainSettings(**TRAINING, crop_margin=0.2, dot_radius=0.03, dot_score=0.3)
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
    persons.train_persons(
        annotations, frames, cache=cache, settings=PERSON_TRAINING, version=1, device="cpu", out=out
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
        frames,
        keypoints,
        cache=cache,
        settings=PART_TRAINING,
        version=1,
        device="cpu",
        out=out,
    )
    return out


def detect_persons(model: Path, frames: pd.DataFrame, cache: Path, out: Path) -> pd.DataFrame:
    persons.detect_persons(
        model,
        frames,
        cache=cache,
        stride=STRIDE,
        settings=PREDICTION,
        version=1,
        device="cpu",
        out=out,
    )
    return tables.read(out, tables.PERSONS)


def some_persons(frames: list[int]) -> pd.DataFrame:
    keys = pd.DataFrame(
        {"video": "a", "frame": np.repeat(frames, 2), "person": [1, 2] * len(frames)}
    )
    box = dict(zip(BOX, [10.0, 10.0, 39.0, 49.0], strict=True))
    return tables.PERSONS.validate(keys.assign(**box, score=0.5, track=-1))


def test_the_person_model_says_what_it_was_made_from(person_model: Path) -> None:
    card = json.loads((person_model / "model.json").read_text())
    assert card["settings"] == PERSON_TRAINING.model_dump()
    assert card["trained_on"]["frames"] == 2 * FRAMES
    assert {"torch", "ultralytics"} <= set(card["versions"])
    assert len((person_model / "training.csv").read_text().splitlines()) == 1 + 2


def test_persons_of_scored_frames(
    person_model: Path, frames: pd.DataFrame, cache: Path, tmp_path: Path
) -> None:
    found = detect_persons(person_model, frames, cache, tmp_path / "persons.parquet")
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
    # what is left of a killed job is not in the way
    assert list(tmp_path.iterdir()) == [tmp_path / "persons.parquet"]


def test_no_frame_at_all(
    person_model: Path, frames: pd.DataFrame, cache: Path, tmp_path: Path
) -> None:
    broken = frames[frames["video"] == "broken"]
    assert len(detect_persons(person_model, broken, cache, tmp_path / "none.parquet")) == 0


def test_frames_without_a_person(
    person_model: Path, frames: pd.DataFrame, cache: Path, tmp_path: Path
) -> None:
    strict = persons.PersonPredictSettings(score=0.999, iou=0.7, most=10, batch=2)
    out = tmp_path / "persons.parquet"
    persons.detect_persons(
        person_model,
        frames,
        cache=cache,
        stride=STRIDE,
        settings=strict,
        version=1,
        device="cpu",
        out=out,
    )
    assert len(tables.read(out, tables.PERSONS)) == 0


def test_training_skips_frames_off_the_stride_or_not_extracted(
    annotations: pd.DataFrame, frames: pd.DataFrame
) -> None:
    few = frames.assign(frames=frames["frames"].clip(upper=7))
    chosen = scored_rows(annotations, 3, few)
    assert sorted(chosen["frame"].unique()) == [1, 4, 7]
    assert len(scored_rows(annotations, 1, frames[frames["frames"] == 0])) == 0


def test_a_person_in_the_mirror(annotations: pd.DataFrame, cache: Path) -> None:
    source = persons.PersonFrames(annotations, cache)
    plain, mirrored = source.load(0, View()), source.load(0, View(mirrored=True))
    np.testing.assert_array_equal(mirrored.picture, plain.picture[:, ::-1])
    assert plain.boxes.tolist() == [[13, 10, 32, 49]]
    assert mirrored.boxes.tolist() == [[47, 10, 66, 49]]


def test_every_person_gets_one_box_a_part(
    part_model: Path, frames: pd.DataFrame, keypoints: pd.DataFrame, cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "parts.parquet"
    people = some_persons([1, 6])
    parts.detect_parts(
        part_model,
        people.sample(frac=1, random_state=0),
        keypoints,
        frames,
        cache=cache,
        settings=parts.PartPredictSettings(batch=3),
        version=1,
        device="cpu",
        out=out,
    )
    found = tables.read(out, tables.PARTS_TABLE)
    sizes = found.groupby(["video", "frame", "person"])["part"].agg(set)
    assert len(sizes) == len(people)
    assert all(names == set(PARTS) for names in sizes)
    # boxes lie in the crop: the person's box and its margin
    assert found["x1"].min() >= 10 - 4
    assert found["x2"].max() <= 39 + 4


def test_parts_of_nobody(
    part_model: Path, frames: pd.DataFrame, keypoints: pd.DataFrame, cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "parts.parquet"
    parts.detect_parts(
        part_model,
        tables.empty(tables.PERSONS),
        keypoints.iloc[:0],
        frames,
        cache=cache,
        settings=parts.PartPredictSettings(batch=3),
        version=1,
        device="cpu",
        out=out,
    )
    assert len(tables.read(out, tables.PARTS_TABLE)) == 0


def test_a_detector_with_dots_asks_for_keypoints(
    part_model: Path, frames: pd.DataFrame, cache: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="trained with dots; expected keypoints"):
        parts.detect_parts(
            part_model,
            some_persons([1]),
            None,
            frames,
            cache=cache,
            settings=parts.PartPredictSettings(batch=3),
            version=1,
            device="cpu",
            out=tmp_path / "parts.parquet",
        )


def test_without_keypoints_the_detector_is_plain(
    annotations: pd.DataFrame, frames: pd.DataFrame, cache: Path, tmp_path: Path
) -> None:
    few, model = annotations[annotations["frame"] <= 4], tmp_path / "model"
    parts.train_parts(
        few, frames, None, cache=cache, settings=PART_TRAINING, version=1, device="cpu", out=model
    )
    assert json.loads((model / "model.json").read_text())["pictures"]["dots"] is False
    out = tmp_path / "parts.parquet"
    parts.detect_parts(
        model,
        some_persons([1]),
        None,
        frames,
        cache=cache,
        settings=parts.PartPredictSettings(batch=3),
        version=1,
        device="cpu",
        out=out,
    )
    assert len(tables.read(out, tables.PARTS_TABLE)) == 2 * len(PARTS)


def write_persons(
    rows: pd.DataFrame,
    compute: Callable[[pd.DataFrame], pd.DataFrame],
    frames: pd.DataFrame,
    out: Path,
    version: int = 1,
) -> None:
    made_by = {"version": version, "settings": PREDICTION}
    write_by_video(rows, compute, out, tables.PERSONS, frames=frames, made_by=made_by, what="test")


@pytest.mark.parametrize("changed", ["nothing", "version", "pictures", "rows"])
def test_a_killed_prediction_goes_on_where_all_is_the_same(
    frames: pd.DataFrame, tmp_path: Path, changed: str
) -> None:
    rows = some_persons([1])
    rows = pd.concat([rows, rows.assign(video="b")], ignore_index=True)
    asked: list[str] = []

    def compute(own: pd.DataFrame) -> pd.DataFrame:
        asked.append(own["video"].iloc[0])
        if asked == ["a", "b"]:
            raise KeyboardInterrupt
        return own

    out = tmp_path / "table.parquet"
    with pytest.raises(KeyboardInterrupt):
        write_persons(rows, compute, frames, out)
    assert not out.exists()
    if changed == "pictures":
        frames = frames.assign(source="2")
    if changed == "rows":
        rows = rows.assign(x2=rows["x2"] + 1)
    version = 2 if changed == "version" else 1
    write_persons(rows, compute, frames, out, version)
    assert asked[2:] == (["b"] if changed == "nothing" else ["a", "b"])
    pd.testing.assert_frame_equal(tables.read(out, tables.PERSONS), tables.PERSONS.validate(rows))
