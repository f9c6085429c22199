"""Files of weights as their own libraries write them, read without running anything in them."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from partparse.errors import InputError
from partparse.files.weights import read_state_dict

NUMERIC = {np.dtype(code) for code in np.typecodes["AllInteger"] + np.typecodes["Float"] + "?"}


def same(path: Path, expected: dict[str, torch.Tensor]) -> None:
    found = read_state_dict(path)
    assert found.keys() == expected.keys()
    assert all(torch.equal(value, expected[name]) for name, value in found.items())


def test_a_checkpoint_of_mmengines_runner_is_read(tmp_path: Path) -> None:
    """With what mmpose's have: facts on the data set as arrays, and the log of the training."""
    pytest.importorskip("mmengine")
    from mmengine.model import BaseModel
    from mmengine.runner import Runner

    class Net(BaseModel):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(2, 1)

        def forward(self, inputs: torch.Tensor, mode: str = "loss") -> dict[str, torch.Tensor]:
            return {"loss": self.layer(inputs).square().mean()}

    class Points(torch.utils.data.Dataset):
        metainfo = {  # noqa: RUF012
            "sigmas": np.array([0.026, 0.025], np.float32),
            "keypoint_colors": np.array([[51, 153, 255]], np.uint8),
            "num_keypoints": np.int64(17),
            "flip_indices": [0, 2, 1],
        }

        def __len__(self) -> int:
            return 2

        def __getitem__(self, item: int) -> dict[str, torch.Tensor]:
            return {"inputs": torch.full((2,), float(item))}

    net = Net()
    trained = Runner(
        net,
        str(tmp_path),
        train_dataloader={
            "dataset": Points(),
            "batch_size": 1,
            "sampler": {"type": "DefaultSampler", "shuffle": False},
            "collate_fn": {"type": "default_collate"},
        },
        train_cfg={"by_epoch": True, "max_epochs": 1},
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.1}},
        experiment_name="net",
        log_level="ERROR",
    )
    trained.train()
    path = tmp_path / "epoch_1.pth"
    held = torch.load(path, weights_only=False)
    assert held["meta"]["dataset_meta"]["keypoint_colors"].dtype == np.uint8
    assert held["message_hub"]["log_scalars"]
    same(path, net.state_dict())


@pytest.mark.parametrize("kind", sorted(NUMERIC, key=str), ids=str)
def test_numbers_and_arrays_of_every_numeric_type_may_lie_beside(
    tmp_path: Path, kind: np.dtype
) -> None:
    state = {"w": torch.ones(2)}
    meta = {"array": np.zeros((2, 3), kind), "number": kind.type(1)}
    torch.save({"meta": meta, "state_dict": state}, tmp_path / "w.pth")
    same(tmp_path / "w.pth", state)


def test_those_of_torchvision_and_timm_are_read(tmp_path: Path) -> None:
    timm = pytest.importorskip("timm")
    from timm.utils import CheckpointSaver
    from torchvision.models import resnet18

    network = resnet18(num_classes=3)
    torch.save(network.state_dict(), tmp_path / "resnet18.pth")
    same(tmp_path / "resnet18.pth", network.state_dict())
    model = timm.create_model("resnet10t", num_classes=3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    saver = CheckpointSaver(model, optimizer, checkpoint_dir=str(tmp_path))
    saver.save_checkpoint(0, metric=0.5)
    same(tmp_path / "last.pth.tar", model.state_dict())


def test_those_of_transformers_are_read(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    config = transformers.VideoMAEConfig(**sizes, intermediate_size=8, num_labels=3)
    model = transformers.VideoMAEForVideoClassification(config)
    model.save_pretrained(tmp_path)
    found = read_state_dict(tmp_path / "model.safetensors")
    assert found["classifier.weight"].shape == (3, 8)
    assert torch.equal(found["classifier.weight"], model.classifier.weight)
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")  # as before its version 4.35
    same(tmp_path / "pytorch_model.bin", model.state_dict())


def test_a_pickle_that_is_called_safe_is_not_unpickled(tmp_path: Path) -> None:
    torch.save({"w": torch.ones(2)}, tmp_path / "model.safetensors")
    with pytest.raises(InputError, match=r"model\.safetensors: not a file of tensors: "):
        read_state_dict(tmp_path / "model.safetensors")


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_of_caffe2_is_refused_by_name(tmp_path: Path, protocol: int) -> None:
    blobs = {"blobs": {"conv1_w": np.zeros(2)}}
    (tmp_path / "SLOWFAST.pkl").write_bytes(pickle.dumps(blobs, protocol))
    with pytest.raises(InputError, match=r"SLOWFAST\.pkl: .* Caffe2 .* expected a file of torch"):
        read_state_dict(tmp_path / "SLOWFAST.pkl")


def test_files_of_before_torch_had_archives_are_read(tmp_path: Path) -> None:
    state = {"w": torch.arange(3.0)}
    torch.save({"model": state}, tmp_path / "w.pth", _use_new_zipfile_serialization=False)
    same(tmp_path / "w.pth", state)
