"""Operations of the full recipe's networks, counted by torch's FlopCounterMode.

Networks are built as the workflow builds them; settings come as YAML, so that a count is made once.
Multiply and add are two operations.
"""

from functools import cache
from typing import Any

import numpy as np
import torch
import yaml
from torch.utils.flop_counter import FlopCounterMode

from partparse.detection.pose.network import build_model
from partparse.detection.pose.settings import PoseSettings
from partparse.detection.yolo.detector import DetectionModel, load_architecture
from partparse.recognition.registry import create
from partparse.states.baseline.network import Trunk
from partparse.states.instance.network import build_instance_network
from partparse.states.instance.settings import InstanceTrainSettings
from partparse.states.parser.network import ParserNet
from partparse.states.parser.settings import ParserTrainSettings
from partparse.states.part_state.network import PartStateNet
from partparse.states.part_state.settings import PartStateTrainSettings
from partparse.states.skeleton.input import CHANNELS
from partparse.states.skeleton.network import SkeletonNetwork
from partparse.vocabulary import PARTS

ACTIONS, PAIRS = 24, 164
"""PAIRS: of part and state, as the winner of 2022 counts them."""
ASPECT = 16 / 9
"""Of a frame, where a network sees whole frames."""


def operations(network: torch.nn.Module, *inputs: Any) -> float:
    """Of a forward pass on these inputs."""
    network.eval()  # not all return themselves
    network.requires_grad_(False)
    with FlopCounterMode(display=False) as counter:
        network(*inputs)
    return counter.get_total_flops()


def meta(*shape: int) -> torch.Tensor:
    """A tensor of a shape and no contents: nothing is computed."""
    return torch.empty(*shape, device="meta")


@cache
def detector(model: str, side: int) -> float:
    """A detector of ultralytics on one picture."""
    return operations(
        DetectionModel(load_architecture(model, len(PARTS)), nc=len(PARTS), verbose=False),
        torch.zeros(1, 3, side, side),
    )


@cache
def pose_net(settings: str) -> float:
    """A pose net on one crop: what the network's forward pass counts."""
    model = build_model(PoseSettings.of(yaml.safe_load(settings)))
    width, height = model.head.decoder.input_size
    picture = torch.zeros(1, 3, height, width)
    return operations(model.backbone, picture) + operations(model.head, model.backbone(picture))


@cache
def clip_network(settings: str) -> float:
    """A video network on one clip."""
    train = yaml.safe_load(settings)
    name, own = train["network"]
    channels = {"in_channels": 2} if train["modality"] == "flow" else {}
    with torch.device("meta"):
        network = create(name, **own, **channels, classes=ACTIONS)
    side, length = train["crop_side"], train["length"]
    return operations(network, meta(1, channels.get("in_channels", 3), length, side, side))


@cache
def instance_network(settings: str, persons: int) -> float:
    """An instance-level network on one clip with some persons."""
    train = yaml.safe_load(settings)
    with torch.device("meta"):
        network = build_instance_network(InstanceTrainSettings.of(train), PAIRS)
    network.to("meta")  # the skeleton's graph is made of an array
    side = train["frame_side"]
    windows = train["keypoints"]
    keypoints = meta(persons, windows["length"], 17, len(CHANNELS)) if windows else None
    clip = meta(1, 3, train["length"], side, round(side * ASPECT))
    owners = torch.zeros(persons, dtype=torch.long, device="meta")
    return operations(network, clip, meta(persons, 4), owners, [clip.shape[3:]], keypoints)


@cache
def part_state_network(settings: str) -> float:
    """The part-state net on one person's crop: its backbone."""
    train = PartStateTrainSettings.of(yaml.safe_load(settings))
    with torch.device("meta"):
        network = PartStateNet(train, ACTIONS, np.zeros(PAIRS, int))
    return operations(network.backbone, meta(1, 3, train.crop_side, train.crop_side))


@cache
def parser_network(settings: str) -> float:
    """The parser on one person's crop: its backbone."""
    train = ParserTrainSettings.of(yaml.safe_load(settings))
    with torch.device("meta"):
        network = ParserNet(train, ACTIONS, np.zeros(PAIRS, int))
    return operations(network.backbone, meta(1, 3, train.crop_side, train.crop_side))


@cache
def skeleton_network(settings: str) -> float:
    """CTR-GCN on one window of a person."""
    train = yaml.safe_load(settings)
    own = {name: train[name] for name in ("channels", "strides", "dropout")}
    network = SkeletonNetwork([0] * PAIRS, ACTIONS, **own)
    return operations(network, torch.zeros(1, train["length"], 17, len(CHANNELS)))


@cache
def baseline_network(settings: str, tsn: str) -> float:
    """The baseline on one frame: the ResNet of the boxes and that of the frame."""
    train = yaml.safe_load(settings)
    with torch.device("meta"):
        trunk = Trunk(train["blocks"], train["width"], train["stride"])
    side = train["frame_side"]
    frame = yaml.safe_load(tsn) | {"length": 1}
    return operations(trunk, meta(1, 3, side, round(side * ASPECT))) + clip_network(
        yaml.safe_dump(frame)
    )
