"""What a run lacks is told at once, before any work: data, lists, networks, weights, checksums."""

import shutil

import pytest
import yaml

from partparse.errors import InputError, ManyFaultsError
from partparse.planning.config_files import read_config
from partparse.planning.methods import Methods
from partparse.planning.missing import plan_start
from tests.planning.test_config import merged
from tests.samples import tiny


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Of public weights, empty."""
    monkeypatch.setenv("PARTPARSE_WEIGHTS", str(tmp_path / "weights"))


@pytest.fixture
def recipe(repository):
    """The winner's system, with what an overlay says."""
    paths = [repository / "configs" / f"{name}.yaml" for name in ("kinetics_tps", "winner_2022")]
    config = read_config(repository / "config.yaml", paths)
    return lambda **overlay: merged(config, overlay)


@pytest.fixture
def data_set(tmp_path):
    return tiny.write_data_set(tmp_path / "set")


def lines_of(config, repository):
    with pytest.raises(ManyFaultsError) as refused:
        plan_start(config, repository)
    return refused.value.lines


def test_all_that_a_recipe_lacks_is_told_at_once(repository, recipe, tmp_path):
    config = recipe(
        dataset={"root": str(tmp_path / "nowhere")},
        persons={"train": {"weights": "yolo11n.pt", "network": "nets/mine.yaml"}},
        actions={"swin": {"train": {"weights": "swin_z"}}},
    )
    data, checksum, name, network, absent = lines_of(config, repository)
    assert data.startswith("dataset.root: there is no folder")
    assert checksum.startswith("persons.train.weights: yolo11n.pt: expected its checksum too")
    assert name.startswith("actions.swin.train.weights: swin_z: no public weights of this name")
    assert network.startswith("persons.train.network: nets/mine.yaml: no such file")
    assert "slowfast_r101_ava22, for states.instance_person.train" in absent


def test_lists_that_are_missing_are_told(repository, recipe, data_set):
    shutil.rmtree(data_set / "list")
    config = recipe(dataset={"root": str(data_set)}, parts={"variants": ["plain"]})
    parts, states, _ = lines_of(config, repository)
    assert "list/body_part.txt: no such file; expected the ten parts" in parts
    assert "list/part_stat.txt: no such file; expected your states" in states
    assert "make-lists" in states


def test_weights_that_are_not_there_yet_stop_only_what_needs_them(repository, recipe, data_set):
    config = recipe(dataset={"root": str(data_set), "val_share": 0.5})
    start = plan_start(config, repository)
    assert [line for line in start.absent if "slowfast_r101_ava22" in line] == start.absent != []
    assert {"yolo11x", "swin_b_ssv2"} <= {*start.fetched}
    applied = merged(config, {"dataset": {"test_only": True}})
    shutil.rmtree(data_set / "train_videos")
    (data_set / "train_videos").mkdir()
    shutil.rmtree(data_set / "list")
    assert plan_start(applied, repository).weights == []


def at(place, value):
    """An overlay with a value at a place of the config, a.b.c."""
    for name in reversed(place.split(".")):
        value = {name: value}
    return value


@pytest.mark.parametrize(
    ("setting", "asked", "init", "training"),
    [
        ("parts.variants", "dots", "parts.init", "parts.train"),
        ("parts.variants", "plain", "parts.init", "parts.train"),
        ("parts.variants", "single", "parts.init", "parts.single.train"),
        ("methods.states", "baseline", "objects.init", "objects.train"),
        ("methods.states", "onestage", "states.onestage.init", "states.onestage.train"),
    ],
)
def test_a_detector_cannot_start_from_persons_of_another_network(
    repository, setting, asked, init, training
):
    config = yaml.safe_load((repository / "config.yaml").read_text())
    least = {"methods.states": ["category"], "parts.variants": ["parser"], "submission.refit": []}
    for place, value in (least | {setting: [asked]}).items():
        config = merged(config, at(place, value))
    plan_start(config, repository)
    config = merged(config, at("persons.train.network", "dfine_l"))
    assert lines_of(config, repository) == [
        f"{init}: persons, but {training}.network is yolo11n.yaml and persons.train.network is"
        " dfine_l; expected the same network, or null"
    ]
    for place, value in {
        init: None,
        f"{training}.network": "dfine_l",
        f"{training}.weights": "yolo11n",  # which it starts from instead
    }.items():
        plan_start(merged(config, at(place, value)), repository)


def test_a_model_that_does_not_suit_the_baseline_is_told(repository):
    config = yaml.safe_load((repository / "config.yaml").read_text())
    Methods(config)
    with pytest.raises(
        InputError, match=r"states\.baseline\.tsn: expected a tsn on rgb, got ir_csn"
    ):
        Methods(merged(config, {"states": {"baseline": {"tsn": "csn"}}}))
