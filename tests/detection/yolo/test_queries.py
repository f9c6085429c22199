"""Detectors of the library transformers: trained, stopped, read and asked as the others are."""

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from partparse.augment import View
from partparse.detection.settings import PersonTrainSettings
from partparse.detection.yolo import training
from partparse.detection.yolo.data import Example
from partparse.detection.yolo.detector import Detector, build_model, load_architecture
from partparse.detection.yolo.queries import QueryModel
from partparse.detection.yolo.training import train_detector
from partparse.errors import InputError
from partparse.running.arguments import Job
from tests.samples.detection import TRAINING
from tests.samples.query_networks import TINY


class Squares:
    """Dark pictures with a bright square, and some without."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def load(self, index: int, view: View) -> Example:
        picture = np.zeros((64, 64, 3), np.uint8)
        number = int(index % 4 > 0)
        x, y = np.random.default_rng(index).integers(4, 36, 2)
        if number:
            picture[y : y + 20, x : x + 20] = 255
        box = np.array([[x, y, x + 19, y + 19]], float)[:number]
        return Example(picture, box, np.zeros(number, np.int64))


@pytest.fixture(params=TINY)
def network(request: Any, tmp_path: Path) -> str:
    """The path of a description."""
    path = tmp_path / f"{request.param}.json"
    path.write_text(json.dumps(TINY[request.param]))
    return str(path)


def train(network: str, out: Path, **changes: Any) -> dict[str, Any]:
    settings = PersonTrainSettings.of(TRAINING | {"network": network} | changes)
    train_detector(
        Squares(16),
        ["thing"],
        settings,
        out,
        stage="things",
        job=Job(version=1),
        pictures={},
        trained_on={"pictures": 16},
    )
    return torch.load(out / "weights.pt", weights_only=True)["state"]


def test_a_killed_training_goes_on_exactly_and_its_detector_is_read(
    network: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(network, tmp_path / "whole")
    assert (tmp_path / "whole" / "training.csv").read_text().startswith("epoch,class,box,giou")
    card = json.loads((tmp_path / "whole" / "model.json").read_text())
    assert "transformers" in json.dumps(card)
    write = training.write_checkpoint

    def killed(*arguments: Any) -> None:
        write(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training, "write_checkpoint", killed)
        with pytest.raises(KeyboardInterrupt):
            train(network, tmp_path / "parts")
    parts = train(network, tmp_path / "parts")
    assert parts.keys() == whole.keys()
    assert all(torch.equal(value, whole[key]) for key, value in parts.items())
    detector = Detector.load(tmp_path / "whole", "cpu")
    picture = Squares(2).load(1, View()).picture
    (found,) = detector.detect([picture], score=0.0, iou=0.7, most=3)
    assert found.boxes.shape == (3, 4)
    assert (found.boxes >= 0).all() and (found.boxes <= 63).all()
    boxes, scores = detector.best([picture, picture[:32]])
    assert boxes.shape == (2, 1, 4)
    assert scores[0, 0] == pytest.approx(found.scores[0], rel=1e-5)


def test_files_of_the_library_are_where_training_starts(network: str, tmp_path: Path) -> None:
    """But for what is made for other classes; its names are those of the public files."""
    from transformers import AutoConfig, AutoModelForObjectDetection

    torch.manual_seed(3)
    config = AutoConfig.for_model(**json.loads(Path(network).read_text()), num_labels=80)
    public = AutoModelForObjectDetection.from_config(config)
    public.save_pretrained(tmp_path / "public")
    path = str(tmp_path / "public" / "model.safetensors")
    state = train(network, tmp_path / "out", weights=path, learning_rate=1e-12, epochs=1, warm_up=0)
    theirs = public.state_dict()
    for key in ("model.decoder.bbox_embed.1.layers.0.weight", "model.enc_output.0.weight"):
        torch.testing.assert_close(state[f"net.{key}"], theirs[key])
    assert state["net.model.decoder.class_embed.0.weight"].shape == (1, 16)
    assert not any(key.startswith("net.class_embed") for key in state)  # once only
    architecture = load_architecture(network, 1)
    other = build_model(copy.deepcopy(architecture) | {"decoder_ffn_dim": 24})
    with pytest.raises(InputError, match=r"do not fit the network: .* of another shape: model\."):
        other.load_public(path, None)


@pytest.mark.slow
def test_it_learns_to_find_squares(network: str, tmp_path: Path) -> None:
    train(network, tmp_path / "out", epochs=150, learning_rate=0.003, batch=16)
    detector = Detector.load(tmp_path / "out", "cpu")
    examples = [Squares(16).load(index, View()) for index in range(16) if index % 4]
    boxes, _ = detector.best([example.picture for example in examples])
    expected = np.stack([example.boxes[0] for example in examples])
    always_the_mean = np.abs(expected.mean(0) - expected).mean()
    assert np.abs(boxes[:, 0] - expected).mean() < 0.8 * always_the_mean


@pytest.mark.parametrize(("name", "millions"), [("rtdetrv2_r50", 42), ("dfine_l", 31)])
def test_the_published_sizes(name: str, millions: int) -> None:
    """Of the papers, in whole millions of parameters, with the 80 classes of COCO."""
    model = build_model(load_architecture(name, 80))
    assert isinstance(model, QueryModel)
    assert sum(p.numel() for p in model.parameters()) // 10**6 == millions


def test_no_other_network_is_taken_for_one(tmp_path: Path) -> None:
    for name in ("rtdetr-l.yaml", "dfine_x"):
        with pytest.raises(InputError, match=rf"{name}'.* rtdetrv2_r50 or dfine_l"):
            PersonTrainSettings.of(TRAINING | {"network": name})
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(InputError, match=r"config\.json: expected .* rt_detr_v2 or d_fine"):
        load_architecture(str(tmp_path / "config.json"), 1)
