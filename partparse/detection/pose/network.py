"""The pose net: mmpose's top-down estimator with an HRNet and a heat-map head.

Sun et al., "Deep High-Resolution Representation Learning for Human Pose Estimation", CVPR 2019.
Two ways to describe one: the name of a configuration that mmpose ships (w32, w48: the second
place of 2021 used w48, trained on COCO), or "narrow", the same network with few channels and one
module a stage, small enough to be trained from scratch on a CPU in minutes.

The narrow net differs from mmpose's in three settings, all of them for training from scratch:
Kaiming's initialisation (He et al., ICCV 2015) in place of a normal one with deviation .001,
unbiased heat maps (UDP: Huang et al., CVPR 2020) decoded as in DARK (Zhang et al., CVPR 2020),
because its heat maps have as few as 24 pixels a side, and crops of a shape that is a setting.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from partparse.detection.pose import mmpose_adapter
from partparse.detection.pose.settings import NARROW, PoseSettings
from partparse.errors import InputError
from partparse.files.atomic import read_json
from partparse.files.weights import CARD, read_state_dict
from partparse.vocabulary import KEYPOINTS

if TYPE_CHECKING:
    from torch import nn

WEIGHTS = "weights.pth"

MIN_LABEL_SCORE = 0.3
"""Keypoints of a data set that score less are guesses: neither learnt from nor measured."""

_HEATMAP_STRIDE = 4  # of its finest branch, which the head reads
_KAIMING = [
    {"type": "Kaiming", "layer": "Conv2d"},
    {"type": "Constant", "layer": "_BatchNorm", "val": 1},
]


def model_config(settings: PoseSettings) -> dict[str, Any]:
    """mmpose's configuration of the net, without any weights to download."""
    if settings.network == NARROW:
        return _narrow(settings)
    mmpose_adapter.load()
    from mmengine.config import Config

    config = Config.fromfile(mmpose_adapter.config_file(settings.network)).model.to_dict()
    del config["backbone"]["init_cfg"]  # ImageNet weights by URL
    return dict(config)


def build_model(settings: PoseSettings) -> "nn.Module":
    """The net with initial weights (`TopdownPoseEstimator`, on the CPU).

    Channels are laid out last, which is a third faster in training on CPUs.
    """
    mmpose_adapter.load()
    import torch
    from mmpose.registry import MODELS

    # whatever scope another library of the family has made the process's own
    model = MODELS.build(model_config(settings) | {"_scope_": "mmpose"})
    model.init_weights()
    return model.to(memory_format=torch.channels_last)


def load_weights(model: "nn.Module", path: Path) -> None:
    """Load a whole net's weights. Raises InputError where they belong to another net."""
    try:
        model.load_state_dict(read_state_dict(path))
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{path}: weights of another net than the settings' one: {reason}"
        ) from None


def load_model(folder: Path) -> tuple["nn.Module", PoseSettings]:
    """The trained net and its settings, from the folder that training wrote."""
    card = read_json(folder / CARD)
    try:
        settings = PoseSettings.of(card["settings"])
    except (KeyError, TypeError, InputError) as error:
        raise InputError(f"{folder / CARD}: not a pose net's card: {error}") from None
    model = build_model(settings)
    load_weights(model, folder / WEIGHTS)
    return model.eval(), settings


def _narrow(settings: PoseSettings) -> dict[str, Any]:
    width, height = settings.input_size
    # DARK's blur before decoding is the odd kernel whose Gaussian has deviation sigma
    half = max(round((settings.sigma - 0.8) / 0.3 + 1), 1)  # OpenCV: sigma = .3 * (half - 1) + .8
    codec = {
        "type": "UDPHeatmap",
        "input_size": (width, height),
        "heatmap_size": (width // _HEATMAP_STRIDE, height // _HEATMAP_STRIDE),
        "sigma": settings.sigma,
        "blur_kernel_size": 2 * half + 1,
    }
    return {
        "type": "TopdownPoseEstimator",
        "data_preprocessor": {
            "type": "PoseDataPreprocessor",
            "mean": [123.675, 116.28, 103.53],
            "std": [58.395, 57.12, 57.375],
            "bgr_to_rgb": True,
        },
        "backbone": {
            "type": "HRNet",
            "extra": _stages(settings.width, settings.blocks),
            "init_cfg": _KAIMING,
        },
        "head": {
            "type": "HeatmapHead",
            "in_channels": settings.width,
            "out_channels": len(KEYPOINTS),
            "deconv_out_channels": None,
            "loss": {"type": "KeypointMSELoss", "use_target_weight": True},
            "decoder": codec,
        },
        "test_cfg": {"flip_mode": "heatmap", "shift_heatmap": False},
    }


def _stages(width: int, blocks: int) -> dict[str, dict[str, Any]]:
    """HRNet's four stages: a bottleneck, then 2, 3 and 4 branches that exchange once each."""
    stages: list[tuple[str, int, tuple[int, ...]]] = [("BOTTLENECK", 1, (16,))]
    for branches in (2, 3, 4):
        stages.append(("BASIC", blocks, tuple(width * 2**i for i in range(branches))))
    return {
        f"stage{number}": {
            "num_modules": 1,
            "num_branches": len(channels),
            "block": block,
            "num_blocks": (depth,) * len(channels),
            "num_channels": channels,
        }
        for number, (block, depth, channels) in enumerate(stages, start=1)
    }
