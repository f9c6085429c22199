"""Files of public weights with random values: a rehearsal reads them as it would the real ones.

Networks, shapes, names and containers are those of the published files, each at its own size;
tests/files/test_public_files.py holds the containers to what the libraries themselves write.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from torch import nn
from torchvision.models import resnet50
from ultralytics.nn.tasks import DetectionModel

from benchmarks.made_up.public_names import Pairs, acar, ip_csn, ir_csn, swin3d
from partparse.detection.pose.network import build_model
from partparse.detection.pose.settings import PoseSettings
from partparse.detection.yolo.detector import load_architecture
from partparse.recognition.csn import DEPTHS
from partparse.recognition.registry import create
from partparse.recognition.slowfast import build_slowfast

_SWIN_B = (2, 2, 18, 2)
_RESNET_101 = (3, 4, 23, 3)
_CSN_DEPTHS = {depth: (a, b, c, d) for depth, (a, b, c, d) in DEPTHS.items()}


def write_public_weights(name: str, path: Path, config: Mapping[str, Any]) -> None:
    """Write a file for a name of the catalogue.

    Args:
        name: of the catalogue.
        path: of the file.
        config: whose pose and instance networks the files for these are of.

    Raises:
        KeyError: nothing is known of what the file holds.
    """
    torch.manual_seed(0)
    torch.save(_ultralytics(name) if name.startswith("yolo") else MAKERS[name](config), path)


def _ultralytics(architecture: str) -> dict[str, Any]:
    model = DetectionModel(load_architecture(f"{architecture}.yaml", 80), nc=80, verbose=False)
    return {"epoch": -1, "model": model.half(), "ema": None, "optimizer": None, "date": None}


def _openmmlab(state: Mapping[str, Any]) -> dict[str, Any]:
    """With what mmpose's files know of their data set."""
    facts = {"keypoint_colors": np.zeros((17, 3), np.uint8), "sigmas": np.zeros(17, np.float32)}
    return {"meta": {"dataset_meta": facts}, "state_dict": state, "message_hub": {}}


def _renamed(network: nn.Module, pairs: Pairs) -> dict[str, Any]:
    """A network's weights under public names; all of them have one."""
    own = network.state_dict()
    named = {public: own.pop(ours) for public, ours in pairs}
    assert not own, f"without a public name: {list(own)}"
    return named


def _csn(kind: str, depth: int) -> Callable[[Mapping[str, Any]], Any]:
    names = {"ip_csn": ip_csn, "ir_csn": ir_csn}[kind]

    def make(config: Mapping[str, Any]) -> Any:
        network = create(kind, depth=depth, classes=400)
        return _openmmlab(_renamed(network, names(_CSN_DEPTHS[depth])))

    return make


def _hrnet(config: Mapping[str, Any]) -> Any:
    return _openmmlab(build_model(PoseSettings.of(config["pose"]["train"])).state_dict())


def _swin_of_clips(config: Mapping[str, Any]) -> Any:
    network = create("swin3d", size="b", window=[16, 7, 7], classes=174)
    return _openmmlab(_renamed(network, swin3d(depths=_SWIN_B)))


def _swin(architecture: str, classes: int) -> Callable[[Mapping[str, Any]], Any]:
    """Of its authors, where each stage but the last ends with what timm begins the next with."""

    def make(config: Mapping[str, Any]) -> Any:
        state = timm.create_model(architecture, num_classes=classes).state_dict()
        named = {}
        for key, value in state.items():
            first, *rest = key.replace("head.fc.", "head.").split(".")
            if rest[1:2] == ["downsample"]:
                rest[0] = str(int(rest[0]) - 1)
            named[".".join([first, *rest])] = value
        return {"model": named}

    return make


def _slowfast(config: Mapping[str, Any]) -> Any:
    settings = config["states"]["instance_roi"]["train"]["backbone"]
    names = acar(_RESNET_101)
    return {"epoch": 6, "state_dict": _renamed(build_slowfast(classes=None, **settings), names)}


MAKERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "hrnet_w48_coco": _hrnet,
    "ir_csn_152_ig65m": _csn("ir_csn", 152),
    "ir_csn_152_sports1m": _csn("ir_csn", 152),
    "ir_csn_50_ig65m": _csn("ir_csn", 50),
    "ip_csn_152_ig65m": _csn("ip_csn", 152),
    "ip_csn_152_sports1m": _csn("ip_csn", 152),
    "swin_b_ssv2": _swin_of_clips,
    "swin_b_imagenet": _swin("swin_base_patch4_window7_224", 1000),
    "swin_l_imagenet22k": _swin("swin_large_patch4_window12_384", 21841),
    "resnet50_imagenet": lambda config: resnet50().state_dict(),
    "slowfast_r101_ava22": _slowfast,
}
"""What the files of the catalogue hold; detectors' follow from their names."""
