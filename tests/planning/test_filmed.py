"""configs/filmed.yaml: filmed people, from public weights by name and one's own labels."""

import pytest
import torch
import torchvision
import yaml

from partparse.detection.pose.network import build_model
from partparse.detection.pose.settings import PoseSettings
from partparse.detection.yolo.detector import DetectionModel, load_architecture
from partparse.planning.config_files import read_config
from partparse.planning.methods import Methods
from partparse.planning.settings import check_config
from partparse.planning.weights import needed_weights
from partparse.recognition.registry import create
from partparse.states.backbone import load_backbone
from partparse.states.pairs import Pairs
from partparse.states.part_state.network import PartStateNet
from partparse.states.part_state.settings import PartStateTrainSettings
from partparse.vocabulary import PARTS
from tests.planning.test_full_recipes import parameters
from tests.samples.tiny import write_data_set
from tests.samples.tiny_runs import jobs, snakemake

PAIRS = Pairs(tuple((part, state) for part in PARTS for state in "ab"), ("a", "b"))


@pytest.fixture
def config(repository):
    read = read_config(repository / "config.yaml", [repository / "configs/filmed.yaml"])
    check_config(read)
    return read


def test_persons_and_pose_start_from_coco(config):
    needs = {place: need.source for need in needed_weights(config) for place in need.places}
    others = {"actions.csn.train", "states.part_state.train"}
    assert needs.keys() == others | {"persons.train", "pose.train"}
    for place in ("persons.train", "pose.train"):
        entry = needs[place].entry
        assert entry is not None
        assert "COCO" in entry.trained_on
    # all else is learned from labels of persons, parts and states: nothing asks for keypoints
    assert Methods(config).trainings.keys() - needs.keys() == {"parts.train"}
    # parts start from the persons' detector, which has to be of the same network
    assert config["parts"]["init"] == "persons"
    assert config["parts"]["train"]["network"] == config["persons"]["train"]["network"]
    assert config["pose"]["train"]["epochs"] == 0  # nobody has to label keypoints


def test_its_networks_are_built_and_torchvisions_weights_fit(config, tmp_path):
    name, own = config["actions"]["csn"]["train"]["network"]
    with torch.device("meta"):
        assert parameters(create(name, **own, classes=4)) > 10
    architecture = load_architecture(config["persons"]["train"]["network"], 1)
    assert parameters(DetectionModel(architecture, nc=1, verbose=False)) > 9
    build_model(PoseSettings.of(config["pose"]["train"]))
    net = PartStateNet(
        PartStateTrainSettings.of(config["states"]["part_state"]["train"]), 4, PAIRS.part_index
    )
    weights = torchvision.models.resnet50().state_dict()
    torch.save(weights, tmp_path / "resnet50.pth")
    load_backbone(net, tmp_path / "resnet50.pth")
    deepest = "layer4.2.conv3.weight"
    assert torch.equal(net.backbone.net.state_dict()[deepest], weights[deepest])


@pytest.mark.workflow
def test_a_data_set_without_keypoints_is_planned(repository, tmp_path):
    root = write_data_set(tmp_path / "set")
    own = tmp_path / "my.yaml"
    own.write_text(yaml.safe_dump({"dataset": {"root": str(root), "val_share": 0.5}}))
    overlays = ["--configfile", str(repository / "configs/filmed.yaml"), str(own)]
    planned = jobs(snakemake(repository, tmp_path, "-n", *overlays))
    assert planned["train_part_state"] == 1
    assert planned["train_persons"] == 1
