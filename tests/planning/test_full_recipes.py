"""The full recipes: every network can be built, and the whole graph of jobs be planned."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml

from benchmarks.recipe.official import entries, write_videos, write_weights
from partparse.detection.pose.network import build_model
from partparse.detection.pose.settings import PoseSettings
from partparse.detection.yolo.detector import DetectionModel, load_architecture
from partparse.recognition.registry import create
from partparse.states.baseline.network import BaselineNetwork
from partparse.states.baseline.settings import BaselineTrainSettings
from partparse.states.instance.network import build_instance_network
from partparse.states.instance.settings import InstanceTrainSettings
from partparse.states.pairs import Pairs
from partparse.states.part_state.network import PartStateNet
from partparse.states.part_state.settings import PartStateTrainSettings
from partparse.states.skeleton.network import SkeletonNetwork
from partparse.vocabulary import PARTS
from tests.planning.test_config import merged

RECIPE = "configs/kinetics_tps.yaml"
ENCODERS = "configs/encoders.yaml"
SYSTEMS = ["configs/winner_2022.yaml", "configs/second_2021.yaml", "configs/best.yaml"]
OWN = ("part_state", "baseline", "skeleton")
PAIRS = Pairs(tuple((part, state) for part in PARTS for state in "ab"), ("a", "b"))
VIDEOS = {"train": 3809, "test": 932}
ACTIONS = 24


def settings_of(repository, *overlays):
    """What snakemake makes of config.yaml and overlays."""
    config = yaml.safe_load((repository / "config.yaml").read_text())
    for overlay in overlays:
        config = merged(config, yaml.safe_load((repository / overlay).read_text()))
    return config


@pytest.fixture(scope="module")
def official(repository, tmp_path_factory):
    """A folder with a data set of the official counts, all files empty, and what it needs."""
    folder = tmp_path_factory.mktemp("official")
    root = folder / "Kinetics-TPS"
    write_videos(root, VIDEOS)
    config = settings_of(repository, RECIPE)
    checksums = write_weights(folder, config)
    (folder / "checksums.yaml").write_text(yaml.safe_dump(checksums))
    return folder


@pytest.mark.workflow
@pytest.mark.parametrize("system", [None, *SYSTEMS, ENCODERS])
def test_the_official_counts_are_planned(repository, official, system):
    overlays = [RECIPE, *([system] if system else [])]
    command = [sys.executable, "-m", "snakemake", "-n", "--quiet", "rules", "--cores", "8"]
    command += ["--snakefile", repository / "Snakefile", "--directory", official]
    command += ["--configfile", *(repository / name for name in overlays)]
    command += [official / "checksums.yaml"]
    planned = subprocess.run(command, capture_output=True, text=True, check=False)
    text = planned.stdout + planned.stderr
    assert planned.returncode == 0, text[-3000:]
    jobs = {name: int(n) for name, n in re.findall(r"^(\w+) +(\d+)$", text, re.MULTILINE)}
    config = settings_of(repository, *overlays)
    shards = config["dataset"]["shards"]
    assert jobs["extract_frames"] == sum(shards.values())
    # all methods are judged on val; test, which has no truth, has what the submission asks for
    methods = len(config["methods"]["states"])
    everything = (shards["val"] + shards["test"]) * methods
    assert shards["val"] * methods <= jobs["parse_states"] <= everything
    is_submitted = config["submission"]["parses"] == "decide"
    assert jobs["decide"] == shards["val"] + shards["test"] * is_submitted
    assert jobs["total"] < 3000


def test_every_network_of_the_registry_is_built(repository):
    config = settings_of(repository, RECIPE, ENCODERS)
    # detectors and pose nets have their own, by a name alone
    networks = {path: own for path, own in entries(config, "network") if isinstance(own, list)}
    assert {"actions.csn.train.network", "states.group.train.network"} <= networks.keys()
    assert {"actions.videomae.train.network", "actions.vjepa2.train.network"} <= networks.keys()
    with torch.device("meta"):
        for path, (name, own) in networks.items():
            built = create(name, **own, classes=ACTIONS)
            assert sum(p.numel() for p in built.parameters()) > 20e6, path


def test_a_system_overlay_chooses_and_says_what_differs_of_its_detectors(repository):
    """So that every figure of a system stands in the recipe, once."""
    for system in SYSTEMS:
        overlay = yaml.safe_load(Path(repository / system).read_text())
        detectors = overlay.pop("persons", {}).keys() | overlay.pop("parts").keys()
        assert overlay.keys() == {"needs_recipe", "methods", "submission"}
        assert detectors == {"variants"} | ({"train"} if "second" in system else set())


SECOND_DETECTOR = {  # YOLOF: its report (warm-up, rate) and its public code
    "image_size": 1344,  # 1333 x 800
    "epochs": 24,
    "batch": 6 * 4,
    "optimizer": "SGD",
    "learning_rate": 0.01,
    "momentum": 0.9,
    "weight_decay": 1e-4,
    "schedule": "step",
    "drops": [16, 22],
    "mosaic": 0.0,
    "mixup": 0.0,
    "mirror": 0.5,
}
SECOND_CSN = {  # its public code
    "length": 32,
    "stride": 2,
    "frame_side": 256,
    "crop_side": 224,
    "epochs": 58,
    "batch": 4 * 4,
    "optimizer": "sgd",
    "learning_rate": 8e-5,
    "momentum": 0.9,
    "weight_decay": 1e-4,
    "gradient_norm": 40,
    "schedule": "step",
    "warm_up": 16,
    "warm_up_start": 0.1,
    "drops": [32, 48],
    "freeze_bn": True,
}
YOLOV7 = {  # the winner of 2022 names it, and epochs, batch and rate; the rest: its own settings
    "image_size": 640,
    "epochs": 50,
    "batch": 128,
    "optimizer": "SGD",
    "learning_rate": 0.01,
    "momentum": 0.937,
    "weight_decay": 5e-4,
    "schedule": "cosine",
    "last_rate": 0.1,
    "warm_up": 3,
}


def taken(settings, published):
    return {name: settings[name] for name in published}


def test_the_second_places_networks_are_trained_as_published(repository):
    config = settings_of(repository, RECIPE, "configs/second_2021.yaml")
    frames = 3000 * 151  # videos of train without val, and labelled frames of each
    for room, pictures in (("persons", frames), ("parts", frames * 2.78)):
        train = config[room]["train"]
        assert taken(train, SECOND_DETECTOR) == SECOND_DETECTOR, room
        steps = train["warm_up"] * pictures / train["batch"]
        assert steps == pytest.approx(1800, rel=0.02), room
    for model in (
        *(config["actions"][name] for name in ("csn", "ip_csn")),
        *(config["states"][name] for name in ("group", "group_ip")),
    ):
        assert taken(model["train"], SECOND_CSN) == SECOND_CSN
        assert model["predict"] | {"clips": 7, "crops": 3, "crop_side": 256} == model["predict"]


def test_the_winners_networks_are_trained_as_published(repository):
    config = settings_of(repository, RECIPE, "configs/winner_2022.yaml")
    detectors = [config[room]["train"] for room in ("persons", "parts")]
    for train in (
        *detectors,
        config["parts"]["single"]["train"],
        config["states"]["onestage"]["train"],
    ):
        assert taken(train, YOLOV7) == YOLOV7
    rates = {"swin": 3e-4, "video": 3e-4, "segment": 2.56e-4}
    for name, epochs in (("swin", 80), ("video", 80), ("segment", 58)):
        train = config["actions" if name == "swin" else "states"][name]["train"]
        assert (train["optimizer"], train["schedule"]) == ("adamw", "one_cycle")
        assert (train["epochs"], train["batch"], train["learning_rate"]) == (epochs, 2, rates[name])
        # of torch's one-cycle: three tenths of the steps, from a 25th of the rate
        assert train["warm_up"] == pytest.approx(0.3 * epochs)
        assert train["warm_up_start"] == 1 / 25


@pytest.mark.parametrize(
    ("method", "frames"), [("instance_roi", 32), ("instance_person", 16), ("instance_context", 32)]
)
def test_the_instance_networks_can_be_built(repository, method, frames):
    config = settings_of(repository, RECIPE)["states"][method]
    settings = InstanceTrainSettings.of(config["train"])
    assert (config["init"], settings.length) == (None, frames)
    with torch.device("meta"):
        network = build_instance_network(settings, 164)
    assert network.backbone.feature_channels == 2304
    backbone = sum(parameter.numel() for parameter in network.backbone.parameters())
    assert 50e6 < backbone < 65e6


def parameters(network):
    """In millions."""
    return sum(parameter.numel() for parameter in network.parameters()) / 1e6


def test_the_networks_of_the_other_methods_are_built(repository):
    config = settings_of(repository, RECIPE)
    settings = {name: config["states"][name]["train"] for name in config["states"] if name in OWN}
    tsn = {name: config["actions"]["tsn"]["train"][name] for name in ("network", "weights")}
    with torch.device("meta"):
        net = PartStateNet(
            PartStateTrainSettings.of(settings["part_state"]), ACTIONS, PAIRS.part_index
        )
        assert 196 < parameters(net) < 230  # timm's Swin-L has 196.5 M with its classifier
        facts = {"tsn": tsn, "classes": ["action"] * ACTIONS}
        net = BaselineNetwork(BaselineTrainSettings.of(settings["baseline"]), facts, PAIRS)
        assert parameters(net) > 2 * 23.5  # two ResNet-50
        own = {name: settings["skeleton"][name] for name in ("channels", "strides", "dropout")}
        assert 1.3 < parameters(SkeletonNetwork(PAIRS.part_index.tolist(), ACTIONS, **own)) < 1.6


def test_the_detectors_and_the_pose_net_are_built(repository):
    """Not on the meta device: their builders compute with their weights."""
    config = settings_of(repository, RECIPE)
    for train in (config["persons"]["train"], config["parts"]["train"]):
        architecture = load_architecture(train["network"], len(PARTS))
        assert 50 < parameters(DetectionModel(architecture, nc=len(PARTS), verbose=False)) < 65
    pose = build_model(PoseSettings.of(config["pose"]["train"]))
    assert 63 < parameters(pose) < 65  # HRNet-w48: 63.6 M
