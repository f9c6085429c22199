"""The adapter to ultralytics: boxes, weights, and what training makes of labels."""

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from partparse.augment import View
from partparse.boxes import from_edges, to_edges
from partparse.detection.settings import DetectorSettings
from partparse.detection.yolo import detector as yolo
from partparse.detection.yolo.data import Example, TrainingPictures
from partparse.detection.yolo.detector import Detector
from partparse.detection.yolo.training import _trainer_arguments, train_detector
from partparse.errors import InputError
from partparse.learning.batches import Division
from partparse.running.arguments import Job

# isort: split
from ultralytics.cfg import get_cfg
from ultralytics.nn.tasks import DetectionModel
from ultralytics.utils import ONLINE, SETTINGS

SETTINGS_OF_TESTS: dict[str, Any] = {
    "network": "yolov5n.yaml",
    "weights": None,
    "weights_sha256": None,
    "image_size": 64,
    "epochs": 1,
    "batch": 8,
    "device_batch": None,
    "optimizer": "AdamW",
    "learning_rate": 0.002,
    "momentum": 0.937,
    "weight_decay": 0.0005,
    "schedule": "linear",
    "last_rate": 0.01,
    "warm_up": 1,
    "drops": (),
    "mosaic": 0.5,
    "mosaic_off_epochs": 0,
    "mixup": 0.0,
    "scale": [0.8, 1.2],
    "shift": 0.1,
    "rotate": 0,
    "shear": 0,
    "perspective": 0.0,
    "mirror": 0.5,
    "colour": 1.0,
    "workers": 0,
    "seed": 0,
}


class Rectangles:
    """Pictures with one bright rectangle; `asked` records how they were asked for."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.asked: list[bool] = []

    def __len__(self) -> int:
        return self.count

    def load(self, index: int, view: View) -> Example:
        self.asked.append(view.mirrored)
        rng = np.random.default_rng(index)
        picture = rng.integers(0, 60, (48, 64, 3), np.uint8)
        x, y = rng.integers(0, 30, 2)
        picture[y : y + 18, x : x + 20] = 220
        box = np.array([[x, y, x + 19, y + 17]], float)
        return Example(picture, box, np.zeros(1, np.int64))


def settings(**changes: object) -> DetectorSettings:
    return DetectorSettings.of(SETTINGS_OF_TESTS | changes)


def train(
    source: Rectangles, how: DetectorSettings, out: Path, init: Path | None = None, version: int = 1
) -> None:
    train_detector(
        source,
        ["thing"],
        how,
        out,
        stage="things",
        job=Job(version=version),
        pictures={"count": len(source)},
        trained_on={"pictures": len(source)},
        init=init,
    )


def make_detector(classes: int = 2) -> Detector:
    torch.manual_seed(0)
    architecture = yolo.load_architecture("yolov5n.yaml", classes)
    model = DetectionModel(architecture, nc=classes, verbose=False)
    return Detector(model, [f"class {number}" for number in range(classes)], 64)


def test_ultralytics_is_kept_to_itself() -> None:
    assert not ONLINE
    folder = Path(os.environ["YOLO_CONFIG_DIR"])
    assert folder in Path(SETTINGS.file).parents


def test_a_box_of_one_pixel_is_one_pixel_wide() -> None:
    inclusive = np.array([[3.0, 4.0, 3.0, 4.0], [0.0, 0.0, 9.0, 19.0]])
    edges = to_edges(inclusive)
    assert edges.tolist() == [[3, 4, 4, 5], [0, 0, 10, 20]]
    np.testing.assert_array_equal(from_edges(edges), inclusive)
    thin = from_edges(np.array([[5.0, 5.0, 5.25, 9.0]]))
    assert thin.tolist() == [[5, 5, 5, 8]]


@pytest.mark.parametrize("size", [(48, 64), (64, 48), (200, 31), (7, 9)])
def test_boxes_come_back_from_the_networks_input(size: tuple[int, int]) -> None:
    height, width = size
    picture = np.zeros((height, width, 3), np.uint8)
    batch, frames = yolo._letterbox([picture, np.zeros((40, 64, 3), np.uint8)], 64)
    assert batch.shape == (2, 64, 64, 3)
    frame = frames[0]
    box = np.array([[0.0, 0.0, width - 1, height - 1], [2, 1, width - 3, height - 2]])
    placed = to_edges(box) * np.tile(frame.scale, 2) + np.tile(frame.offset, 2)
    np.testing.assert_allclose(frame.restore(placed), box, atol=1e-9)
    # what lies outside the picture is pulled to its border
    assert frame.restore(np.array([[-50.0, -50.0, 500.0, 500.0]])).tolist() == [box[0].tolist()]


def test_the_network_sees_what_it_was_trained_on() -> None:
    """A picture through training's pipeline without augmentation equals the predicted one."""
    plain = settings(mosaic=0.0, scale=[1.0, 1.0], shift=0.0, mirror=0.0, colour=0.0)
    arguments = _trainer_arguments(plain, Path("unused"), Division(1, 1, 8), 0)
    source = Rectangles(3)
    item = TrainingPictures(source, plain, get_cfg(overrides=arguments))[1]
    example = source.load(1, View())
    batch, frames = yolo._letterbox([example.picture], 64)
    seen = item["img"].numpy().transpose(1, 2, 0)
    assert np.abs(seen.astype(int) - batch[0]).max() <= 1
    x, y, w, h = item["bboxes"][0].numpy() * 64
    edges = np.array([[x - w / 2, y - h / 2, x + w / 2, y + h / 2]])
    np.testing.assert_allclose(frames[0].restore(edges), example.boxes, atol=1e-3)


def test_weights_are_data_and_predict_as_before(tmp_path: Path) -> None:
    detector = make_detector()
    detector.save(tmp_path)
    assert torch.load(tmp_path / "weights.pt", weights_only=True)["names"] == ["class 0", "class 1"]
    pictures = [Rectangles(2).load(index, View()).picture for index in range(2)]
    first = Detector.load(tmp_path, "cpu").best(pictures)
    again = Detector.load(tmp_path, "cpu").best(pictures)
    np.testing.assert_array_equal(first[0], again[0])
    assert first[0].shape == (2, 2, 4)
    assert first[1].shape == (2, 2)


def test_candidates_are_those_of_the_plain_network_whatever_the_batch(tmp_path: Path) -> None:
    """Layout, fused batch norms and batches change them by rounding alone."""
    detector = make_detector()
    detector.save(tmp_path)
    pictures = [Rectangles(3).load(index, View()).picture for index in range(3)]
    fast = Detector.load(tmp_path, "cpu")
    together = fast.candidates(pictures)[0]
    apart = torch.cat([fast.candidates([picture])[0] for picture in pictures])
    detector.model.eval()
    plain = detector.candidates(pictures)[0]
    torch.testing.assert_close(together, apart, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(together, plain, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("content", [None, b"", b"not weights"])
def test_weights_that_are_none(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "weights.pt").write_bytes(content)
    with pytest.raises(InputError, match=r"weights\.pt: (no such file|not the weights)"):
        Detector.load(tmp_path, "cpu")


def test_the_best_box_of_a_class_is_its_highest_score(tmp_path: Path) -> None:
    make_detector().save(tmp_path)
    detector = Detector.load(tmp_path, "cpu")
    picture = Rectangles(1).load(0, View()).picture
    box, score = detector.best([picture])
    found = detector.detect([picture], score=0.0, iou=1.0, most=300)[0]
    assert (np.diff(found.scores) <= 0).all()
    assert score.max() == pytest.approx(found.scores[0])
    top = int(score[0].argmax())
    np.testing.assert_allclose(box[0, top], found.boxes[0], atol=1e-4)


def test_no_pictures_and_no_detections(tmp_path: Path) -> None:
    make_detector().save(tmp_path)
    detector = Detector.load(tmp_path, "cpu")
    assert detector.detect([], score=0.1, iou=0.7, most=10) == []
    assert detector.best([])[0].shape == (0, 2, 4)
    picture = np.zeros((30, 50, 3), np.uint8)
    nothing = detector.detect([picture], score=0.99, iou=0.7, most=10)[0]
    assert nothing.boxes.shape == (0, 4)
    assert nothing.scores.shape == nothing.classes.shape == (0,)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("yolo11n.pt", "expected a .yaml"),
        ("yolo11n-seg.yaml", "expected a detector of ultralytics"),
        ("yolo99n.yaml", "expected a detector of ultralytics"),
        ("here/absent.yaml", "here/absent.yaml: no such file"),
    ],
)
def test_unknown_networks(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        yolo.load_architecture(name, 1)


def test_pretrained_weights_need_their_checksum(tmp_path: Path) -> None:
    path = tmp_path / "pretrained.pt"
    torch.save({"model": make_detector().model}, path)
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    loaded = yolo.read_pretrained(str(path), checksum)
    assert isinstance(loaded, DetectionModel)
    with pytest.raises(InputError, match="weights_sha256"):
        yolo.read_pretrained(str(path), None)
    with pytest.raises(InputError, match="SHA-256 is"):
        yolo.read_pretrained(str(path), "0" * 64)
    path.write_bytes(b"no pickle")
    checksum = hashlib.sha256(b"no pickle").hexdigest()
    with pytest.raises(InputError, match="not a checkpoint of ultralytics"):
        yolo.read_pretrained(str(path), checksum)


def test_pretrained_weights_are_where_training_starts(tmp_path: Path) -> None:
    pretrained = make_detector(classes=1).model
    torch.save({"model": pretrained}, tmp_path / "pretrained.pt")
    checksum = hashlib.sha256((tmp_path / "pretrained.pt").read_bytes()).hexdigest()
    still = settings(
        weights=str(tmp_path / "pretrained.pt"), weights_sha256=checksum, learning_rate=1e-12
    )
    train(Rectangles(8), still, tmp_path / "out")
    state = torch.load(tmp_path / "out" / "weights.pt", weights_only=True)["state"]
    weight = "model.0.conv.weight"
    torch.testing.assert_close(state[weight], pretrained.state_dict()[weight])


def test_training_starts_from_another_detector(tmp_path: Path) -> None:
    other = make_detector(classes=3)
    other.save(tmp_path)
    weight = "model.0.conv.weight"
    copied = make_detector(classes=1).model
    torch.nn.init.zeros_(copied.state_dict()[weight])
    yolo.copy_weights(tmp_path, copied)
    assert torch.equal(copied.state_dict()[weight], other.model.state_dict()[weight])
    larger = DetectionModel(yolo.load_architecture("yolo11n.yaml", 1), nc=1, verbose=False)
    with pytest.raises(InputError, match="weights of another network"):
        yolo.copy_weights(tmp_path, larger)

    out = tmp_path / "out"
    train(Rectangles(8), settings(learning_rate=1e-12), out, init=tmp_path)
    state = torch.load(out / "weights.pt", weights_only=True)["state"]
    torch.testing.assert_close(state[weight], other.model.state_dict()[weight])


def test_training_is_the_same_each_time_and_mirrors_itself(tmp_path: Path) -> None:
    states = []
    for name in ("first", "second"):
        source = Rectangles(12)
        train(source, settings(), tmp_path / name)
        assert 0.2 < np.mean(source.asked) < 0.8
        states.append(torch.load(tmp_path / name / "weights.pt", weights_only=True)["state"])
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    assert (tmp_path / "first" / "training.csv").read_text().startswith("epoch,box_loss")


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ({"schedule": "step", "drops": [2, 3]}, [1, 1, 0.1, 0.01]),
        ({"schedule": "linear", "last_rate": 0.2}, [1, 0.8, 0.6, 0.4]),
        ({"schedule": "cosine", "last_rate": 0.2}, [1, 0.883, 0.6, 0.317]),
    ],
)
def test_rates_fall_as_the_schedule_says(
    tmp_path: Path, schedule: dict[str, Any], rates: list[float]
) -> None:
    how = settings(epochs=4, warm_up=0, learning_rate=0.001, **schedule)
    train(Rectangles(2), how, tmp_path / "out")
    found = pd.read_csv(tmp_path / "out" / "training.csv")["learning_rate"] / 0.001
    assert found.tolist() == pytest.approx(rates, abs=0.001)


def test_ultralytics_own_flip_is_off() -> None:
    assert _trainer_arguments(settings(), Path("unused"), Division(1, 1, 8), 0)["fliplr"] == 0


def test_threads_stay_as_they_were(tmp_path: Path) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        train(Rectangles(8), settings(), tmp_path / "out")
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


def test_nothing_to_train_on(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no pictures to train a detector of thing on"):
        train(Rectangles(0), settings(), tmp_path / "out")
