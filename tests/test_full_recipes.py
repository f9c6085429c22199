"""The full recipes: every network can be built, and the whole graph of jobs be planned."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from test_config import merged

from partparse.recognition import create
from partparse.states.instance_network import build_instance_network
from partparse.states.instance_settings import InstanceTrainSettings

RECIPE = "configs/kinetics_tps.yaml"
SYSTEMS = ["configs/winner_2022.yaml", "configs/second_2021.yaml"]
VIDEOS = {"train": 3809, "test": 932}
ACTIONS = 24


def settings_of(repository, *overlays):
    """What snakemake makes of config.yaml and overlays."""
    config = yaml.safe_load((repository / "config.yaml").read_text())
    for overlay in overlays:
        config = merged(config, yaml.safe_load((repository / overlay).read_text()))
    return config


def entries(config, key, path=""):
    """(path, value) of every entry named `key`, however deep."""
    for name, value in config.items():
        here = f"{path}.{name}" if path else name
        if name == key:
            yield here, value
        if isinstance(value, dict):
            yield from entries(value, key, here)


@pytest.fixture(scope="module")
def official(repository, tmp_path_factory):
    """A folder with a data set of the official counts, all files empty, and what it needs."""
    folder = tmp_path_factory.mktemp("official")
    root = folder / "Kinetics-TPS"
    for split, count in VIDEOS.items():
        for action in range(ACTIONS):
            (root / f"{split}_videos" / f"action_{action:02}").mkdir(parents=True)
        for index in range(count):
            place = root / f"{split}_videos" / f"action_{index % ACTIONS:02}"
            (place / f"{split}_{index:05}.mp4").touch()
    config = settings_of(repository, RECIPE)
    for _, weights in entries(config, "weights"):
        if weights is not None:
            (folder / weights).parent.mkdir(exist_ok=True)
            (folder / weights).touch()
    checksums = {}
    for path, weights in entries(config, "weights"):
        if weights is not None and weights.endswith(".pt"):
            place = checksums
            *parents, _ = path.split(".")
            for name in parents:
                place = place.setdefault(name, {})
            place["weights_sha256"] = "0" * 64
    (folder / "checksums.yaml").write_text(yaml.safe_dump(checksums))
    return folder


@pytest.mark.workflow
@pytest.mark.parametrize("system", [None, *SYSTEMS])
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
    # all methods are judged on val; test, which has no truth, has what is submitted
    methods = len(config["methods"]["states"])
    everything = (shards["val"] + shards["test"]) * methods
    assert shards["val"] * methods + shards["test"] <= jobs["parse_states"] <= everything
    assert jobs["total"] < 3000


def test_every_network_of_the_registry_is_built(repository):
    config = settings_of(repository, RECIPE)
    networks = dict(entries(config, "network"))
    assert {"actions.csn.train.network", "states.group.train.network"} <= networks.keys()
    with torch.device("meta"):
        for path, (name, own) in networks.items():
            built = create(name, **own, classes=ACTIONS)
            assert sum(p.numel() for p in built.parameters()) > 20e6, path


def test_a_system_overlay_only_chooses(repository):
    """So that every figure of a system stands in the recipe, once."""
    for system in SYSTEMS:
        overlay = yaml.safe_load(Path(repository / system).read_text())
        assert overlay.keys() == {"methods", "parts", "submission"}
        assert overlay["parts"].keys() == {"variants"}


@pytest.mark.parametrize(
    ("method", "frames"), [("instance_roi", 32), ("instance_person", 16), ("instance_context", 32)]
)
def test_the_instance_networks_can_be_built(repository, method, frames):
    config = settings_of(repository, RECIPE)["states"][method]
    settings = InstanceTrainSettings(**config["train"])
    assert (config["init"], settings.length) == (None, frames)
    with torch.device("meta"):
        network = build_instance_network(settings, 164)
    assert network.backbone.feature_channels == 2304
    backbone = sum(parameter.numel() for parameter in network.backbone.parameters())
    assert 50e6 < backbone < 65e6
