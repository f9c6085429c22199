"""Which weights a config needs: by name, from a path, from the web."""

import pytest

from partparse.errors import InputError
from partparse.planning.config_files import read_config
from partparse.planning.weights import missing_weights, needed_weights, weights_file


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PARTPARSE_WEIGHTS", str(tmp_path))
    return tmp_path


def recipe(repository, *systems):
    overlays = ["kinetics_tps", *systems]
    paths = [repository / "configs" / f"{name}.yaml" for name in overlays]
    return read_config(repository / "config.yaml", paths)


def asked(weights, sha256=None):
    return weights_file("persons.train", {"weights": weights, "weights_sha256": sha256})


def test_what_must_be_there_from_the_start_is_an_input_and_what_has_an_address_is_not(folder):
    assert asked(None) == []
    assert asked("pose.pth") == ["pose.pth"]
    assert asked("https://example.org/x.pth", "0" * 64) == []
    assert asked("yolo11x") == []
    (acar,) = asked("slowfast_r101_ava22")
    assert acar == str(folder / "AVA_SLOWFAST_R101_ACAR_HR2O_DEPTH1.pth.tar")


@pytest.mark.parametrize("weights", ["https://example.org/x.pth", "yolo11n.pt"])
def test_weights_from_elsewhere_need_a_checksum(weights):
    with pytest.raises(InputError, match=r"persons\.train\.weights: .* its checksum too"):
        asked(weights)


def test_a_name_that_there_is_not_is_reported_before_any_work():
    with pytest.raises(InputError, match=r"persons\.train\.weights: yolo11: no .*'yolo11"):
        asked("yolo11")


def test_a_systems_weights_are_listed_with_what_starts_from_them(repository, folder):
    config = recipe(repository, "second_2021")
    needs = {need.source.name: need for need in needed_weights(config)}
    assert needs["yolo11x"].places == ("persons.train", "parts.train")
    assert needs["hrnet_w48_coco"].places == ("pose.train",)
    assert "states.group_ip.train" in needs["ip_csn_152_ig65m"].places
    assert needs.keys() == {"yolo11x", "hrnet_w48_coco", "ir_csn_152_sports1m", "ip_csn_152_ig65m"}
    (folder / "yolo11x.pt").touch()
    missing = missing_weights(needs.values())
    assert len(missing) == 3
    assert str(folder / "td-hm_hrnet-w48") in missing[0]
    assert "for pose.train" in missing[0]


def test_every_training_of_the_recipe_names_weights_of_the_catalogue(repository):
    for systems in ([], ["winner_2022"], ["second_2021"], ["encoders"]):
        needs = needed_weights(recipe(repository, *systems))
        assert needs
        assert all(need.source.entry for need in needs), systems
    everything = recipe(repository)
    everything["methods"] = {
        "actions": [*everything["actions"], *everything["fusions"]["actions"]],
        "states": [*everything["states"], *everything["fusions"]["states"]],
    }
    everything["parts"]["variants"] = ["dots", "plain", "single"]
    needs = needed_weights(everything)
    assert all(need.source.entry for need in needs)
    assert {"baseline", "part_state"} <= {place.split(".")[1] for n in needs for place in n.places}


def test_settings_that_cannot_be_read_are_told(repository, tmp_path):
    (tmp_path / "bad.yaml").write_text("persons:\n  train: {epochs: 3\nparts: [\n")
    (tmp_path / "latin.yaml").write_bytes(b"recipe: caf\xe9\n")
    for name, said in (
        ("bad.yaml", r"line 3, column 6: expected ',' or '}', but got ':'; expected YAML"),
        ("latin.yaml", "can't be read as settings"),
        ("none.yaml", "can't be read as settings"),
    ):
        with pytest.raises(InputError, match=rf"{name}: ({said})"):
            read_config(repository / "config.yaml", [tmp_path / name])
