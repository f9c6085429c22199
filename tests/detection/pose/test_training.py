"""Training the pose net: samples, the flip, resuming, the command lines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from partparse import tables
from partparse.detection.pose.hooks import PoseTrainingHook
from partparse.detection.pose.network import load_model, mmpose_adapter, model_config
from partparse.detection.pose.training import (
    HISTORY,
    coco_dataset,
    select_samples,
    train_pose,
    training_pipeline,
)
from partparse.errors import InputError
from partparse.files.atomic import read_json
from partparse.files.csv_tables import read_csv
from partparse.files.weights import read_state_dict
from partparse.running.arguments import Job
from partparse.vocabulary import KEYPOINTS, PERSON, swap_order
from tests.samples.pose import settings

WIDTH, HEIGHT = 64, 80


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A data set of one video of six frames with a person, as files and as tables."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    (folder / "cache" / "a").mkdir(parents=True)
    keypoints = np.zeros((6, 1, 17, 3), np.float32)
    for number in range(1, 7):
        picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
        points = rng.uniform([12, 12], [50, 66], (17, 2))
        for index, (x, y) in enumerate(points):
            cv2.circle(picture, (round(x), round(y)), 3, (15 * index, 255 - 15 * index, 0), -1)
        cv2.imwrite(str(folder / "cache" / "a" / f"img_{number:05d}.jpg"), picture)
        keypoints[number - 1, 0, :, :2] = points
        keypoints[number - 1, 0, :, 2] = 1
    (folder / "keypoints" / "walking").mkdir(parents=True)
    np.savez(folder / "keypoints" / "walking" / "a.npz", keypoints=keypoints)
    keys = pd.DataFrame({"video": "a", "frame": range(1, 7), "person": 1})
    boxes = dict(zip(tables.BOX, (8.0, 8.0, 55.0, 70.0), strict=True))
    annotations = keys.assign(part=PERSON, state=None, **boxes)
    frames = pd.DataFrame(
        {"video": ["a"], "frames": 6, "expected": 6, "width": WIDTH, "height": HEIGHT}
    ).assign(fps=10.0, problem=None, source="1")
    tables.write(annotations, folder / "annotations.parquet", tables.ANNOTATIONS)
    tables.write(frames, folder / "cache" / "frames.parquet", tables.FRAMES)
    truth = tables.unpack_keypoints(keys, keypoints[:, 0])
    return {
        "root": folder,
        "cache": folder / "cache",
        "truth": truth,
        "annotations": annotations,
        "frames": frames,
        "samples": select_samples(truth, annotations, frames, 1),
    }


def test_samples_are_every_nth_annotated_frame_with_keypoints(data: dict[str, Any]) -> None:
    truth = data["truth"].copy()
    truth.loc[2, [c for c in tables.KEYPOINT_COLUMNS if c.endswith("_s")]] = 0.1  # guesses
    annotations = data["annotations"].iloc[1:]  # frames 2 to 6
    assert select_samples(truth, annotations, data["frames"], 1)["frame"].tolist() == [2, 4, 5, 6]
    assert select_samples(truth, annotations, data["frames"], 2)["frame"].tolist() == [2, 4, 6]
    short = data["frames"].assign(frames=4)
    assert select_samples(truth, annotations, short, 1)["frame"].tolist() == [2, 4]


def test_keypoints_that_are_guesses_are_not_labelled(data: dict[str, Any]) -> None:
    samples = data["samples"].copy()
    samples["nose_s"] = 0.2
    dataset = coco_dataset(samples, data["cache"])
    points = np.reshape(dataset["annotations"][0]["keypoints"], (17, 3))
    assert points[0].tolist() == [0, 0, 0]
    assert (points[1:, 2] == 2).all()
    assert dataset["annotations"][0]["num_keypoints"] == 16
    assert dataset["annotations"][0]["bbox"] == [8, 8, 47, 62]


def test_the_flip_of_the_pipeline_exchanges_left_and_right(data: dict[str, Any]) -> None:
    mmpose_adapter.load()
    from mmpose.registry import TRANSFORMS

    pipeline = training_pipeline(
        settings(epochs=2), model_config(settings(epochs=2))["head"]["decoder"]
    )
    flip = next(step for step in pipeline if step["type"] == "RandomFlip")
    picture = np.arange(HEIGHT * WIDTH * 3, dtype=np.uint8).reshape(HEIGHT, WIDTH, 3)
    points = tables.pack_keypoints(data["truth"].iloc[:1])
    visible = np.linspace(0.5, 1, 17)[None]
    flipped = TRANSFORMS.build(flip | {"prob": 1.0})(
        {
            "img": picture.copy(),
            "img_shape": (HEIGHT, WIDTH),
            "flip_indices": swap_order(KEYPOINTS),
            "bbox_center": np.array([[20.0, 30.0]]),
            "keypoints": points[..., :2],
            "keypoints_visible": visible,
        }
    )
    np.testing.assert_array_equal(flipped["img"], picture[:, ::-1])
    there, back = points[0, :, :2], flipped["keypoints"][0]
    left, right = KEYPOINTS.index("left_wrist"), KEYPOINTS.index("right_wrist")
    np.testing.assert_allclose(back[left], [WIDTH - 1 - there[right, 0], there[right, 1]])
    np.testing.assert_allclose(back[right], [WIDTH - 1 - there[left, 0], there[left, 1]])
    np.testing.assert_allclose(flipped["keypoints_visible"][0], visible[0, swap_order(KEYPOINTS)])


def test_a_tiny_net_learns_and_is_read_back(data: dict[str, Any], tmp_path: Path) -> None:
    chosen = settings(epochs=12, learning_rate=1e-2, half_body=0.0, rotate=0, shift=0.0)
    train_pose(chosen, data["samples"], data["cache"], Job(version=1), tmp_path / "model")
    card = read_json(tmp_path / "model" / "model.json")
    assert card["trained_on"] == {"videos": ["a"], "frames": 6, "persons": 6}
    losses = read_csv(tmp_path / "model" / HISTORY)["loss"]
    assert len(losses) == 12
    assert losses.iloc[-1] < losses.iloc[0]
    model, read = load_model(tmp_path / "model")
    assert read == chosen
    assert sum(p.numel() for p in model.parameters()) == card["parameters"]
    assert [path.name for path in tmp_path.iterdir()] == ["model"]  # no work folder is left


class _KilledError(Exception):
    pass


def test_a_killed_training_ends_in_the_same_weights(
    data: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings(epochs=3)
    train_pose(chosen, data["samples"], data["cache"], Job(version=1), tmp_path / "whole")
    seed_epoch = PoseTrainingHook.before_train_epoch

    def kill(self: PoseTrainingHook, runner: Any) -> None:
        seed_epoch(self, runner)
        if runner.epoch == 2:
            raise _KilledError

    monkeypatch.setattr(PoseTrainingHook, "before_train_epoch", kill)
    with pytest.raises(_KilledError):
        train_pose(chosen, data["samples"], data["cache"], Job(version=1), tmp_path / "killed")
    assert not (tmp_path / "killed").exists()
    epochs: list[int] = []

    def note(self: PoseTrainingHook, runner: Any) -> None:
        seed_epoch(self, runner)
        epochs.append(runner.epoch)

    monkeypatch.setattr(PoseTrainingHook, "before_train_epoch", note)
    train_pose(chosen, data["samples"], data["cache"], Job(version=1), tmp_path / "killed")
    assert epochs == [2]
    whole, resumed = (read_state_dict(tmp_path / n / "weights.pth") for n in ("whole", "killed"))
    torch.testing.assert_close(resumed, whole, rtol=0, atol=0)
    histories = [read_csv(tmp_path / name / HISTORY) for name in ("whole", "killed")]
    pd.testing.assert_frame_equal(*histories)


@pytest.mark.parametrize(
    ("event", "fault"),
    [("before_train_epoch", "the loss is nan"), ("after_train_epoch", "is not finite")],
)
def test_a_loss_that_is_no_number_ends_the_training(
    data: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event: str, fault: str
) -> None:
    plain = getattr(PoseTrainingHook, event)

    def poison(self: PoseTrainingHook, runner: Any) -> None:
        plain(self, runner)
        if runner.epoch == 1:
            torch.nn.init.constant_(next(runner.model.parameters()), torch.nan)

    monkeypatch.setattr(PoseTrainingHook, event, poison)
    with pytest.raises(InputError, match=f"^pose: .*{fault} in epoch 2 of 3 at") as raised:
        train_pose(
            settings(epochs=3), data["samples"], data["cache"], Job(version=1), tmp_path / "model"
        )
    (kept,) = (tmp_path / ".model.training").glob("*/*.pth")
    assert str(raised.value).endswith(f"the last whole epoch is kept in {kept}")
    assert all(torch.isfinite(value).all() for value in read_state_dict(kept).values())


@pytest.mark.parametrize("changed", ["version", "pictures"])
def test_half_a_training_of_something_else_is_not_used(
    data: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    chosen = settings(epochs=2)
    epochs: list[int] = []

    def note(_: PoseTrainingHook, runner: Any) -> None:
        epochs.append(runner.epoch)
        if epochs == [0, 1]:
            raise _KilledError

    monkeypatch.setattr(PoseTrainingHook, "before_train_epoch", note)
    out = tmp_path / "model"
    with pytest.raises(_KilledError):
        train_pose(chosen, data["samples"], data["cache"], Job(version=1), out)
    samples, version = data["samples"], 2
    if changed == "pictures":
        samples, version = samples.assign(source="2"), 1
    train_pose(chosen, samples, data["cache"], Job(version=version), out)
    assert epochs == [0, 1, 0, 1]


def test_given_weights_are_used_as_they_are(data: dict[str, Any], tmp_path: Path) -> None:
    train_pose(
        settings(epochs=1), data["samples"], data["cache"], Job(version=1), tmp_path / "first"
    )
    given = str(tmp_path / "first" / "weights.pth")
    none = data["samples"].iloc[:0]
    train_pose(
        settings(epochs=0, weights=given),
        none,
        data["cache"],
        Job(version=1),
        tmp_path / "second",
    )
    first, second = (read_state_dict(tmp_path / n / "weights.pth") for n in ("first", "second"))
    torch.testing.assert_close(second, first, rtol=0, atol=0)
    card = read_json(tmp_path / "second" / "model.json")
    assert read_csv(tmp_path / "second" / HISTORY).empty
    assert card["trained_on"]["persons"] == 0
    assert card["settings"]["weights"] == given


def test_nothing_to_train_on_says_what_to_set(data: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="set weights and epochs 0"):
        train_pose(
            settings(epochs=2),
            data["samples"].iloc[:0],
            data["cache"],
            Job(version=1),
            tmp_path / "model",
        )
    assert not (tmp_path / "model").exists()


def test_the_programs_train_and_predict(
    data: dict[str, Any], tmp_path: Path, run_script: Callable[..., None]
) -> None:
    root = data["root"]
    chosen = settings(epochs=1).model_dump_json()
    common = ["--frames", data["cache"] / "frames.parquet", "--threads", 1, "--version", 1]
    run_script(
        "train_pose.py", "--root", root,
        "--annotations", root / "annotations.parquet", *common,
        "--settings", chosen, "--out", tmp_path / "model",
    )  # fmt: skip
    predict = [
        "--model", tmp_path / "model", *common, "--stride", 5,
        "--settings", json.dumps({"batch": 4, "mirror": False}), "--out", tmp_path / "out.parquet",
    ]  # fmt: skip
    annotations = root / "annotations.parquet"
    run_script("predict_pose.py", "--persons", annotations, "--annotated", *predict)
    found = tables.read(tmp_path / "out.parquet", tables.KEYPOINT_TABLE)
    assert found["frame"].tolist() == [1, 6]
    tables.write(tables.empty(tables.PERSONS), tmp_path / "none.parquet", tables.PERSONS)
    run_script("predict_pose.py", "--persons", tmp_path / "none.parquet", *predict)
    assert tables.read(tmp_path / "out.parquet", tables.KEYPOINT_TABLE).empty


def test_a_data_set_without_keypoints_says_what_to_set(
    data: dict[str, Any], tmp_path: Path, run_script: Callable[..., None], capsys: Any
) -> None:
    with pytest.raises(SystemExit) as ended:
        run_script(
            "train_pose.py", "--root", tmp_path,
            "--annotations", data["root"] / "annotations.parquet",
            "--frames", data["cache"] / "frames.parquet", "--version", 1,
            "--settings", settings(epochs=2).model_dump_json(), "--out", tmp_path / "model",
        )  # fmt: skip
    assert ended.value.code == 1
    assert "set weights and epochs 0" in capsys.readouterr().err
