"""The settings, their schema and the classes that read them say the same."""

import os
import shutil
import subprocess
import sys

import jsonschema
import pytest
import yaml

from partparse.errors import InputError
from partparse.planning.schema import overlay_schema
from partparse.planning.settings import check_config, expand_home


@pytest.fixture(scope="module")
def schema(repository):
    return yaml.safe_load((repository / "schemas/config.schema.yaml").read_text())


def merged(base, overlay):
    """What snakemake makes of a config file and an overlay."""
    if not isinstance(base, dict) or not isinstance(overlay, dict):
        return overlay
    return base | {key: merged(base.get(key), value) for key, value in overlay.items()}


def overlays(repository):
    return [*repository.glob("configs/*.yaml"), *repository.glob("tests/configs/*.yaml")]


def test_make_schema_would_change_nothing(repository, tmp_path):
    """The schemas, and the comments of config.yaml, are what the classes say."""
    files = ("config.yaml", "schemas/config.schema.yaml", "schemas/overlay.schema.yaml")
    (tmp_path / "schemas").mkdir()
    shutil.copy(repository / "config.yaml", tmp_path)
    command = [sys.executable, "-m", "partparse.planning.schema", tmp_path]
    subprocess.run(command, cwd=repository, env=os.environ | {"PARTPARSE_EXPLAIN": "1"}, check=True)
    for name in files:
        assert (repository / name).read_text() == (tmp_path / name).read_text(), name


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        (
            {"dataset": {"rot": "x"}},
            r"dataset: unknown setting 'rot' \(is 'root' meant\?\); known:",
        ),
        (
            {"persons": {"train": {"zzz": 3}}},
            r"persons.train: unknown setting 'zzz'; known: network,",
        ),
        (
            {"states": {"mine": {}, "a b": {}}},
            r"states\.a b: expected a name of letters, digits and _, got 'a b'",
        ),
        ({"methods": {"states": "group"}}, r"methods\.states: expected a list, got 'group'"),
        ({"methods": {"states": []}}, r"methods\.states: .* at least 1 item"),
        ({"methods": {"states": ["group", "group"]}}, r"methods\.states: group, group: expected"),
        ({"persons": {"train": {"epochs": "many"}}}, r"persons\.train\.epochs: .* got 'many'"),
        (
            {"persons": {"train": {"epoch": 3}}},
            r"persons\.train: unknown setting 'epoch' \(is 'epochs' meant",
        ),
        (
            {"objects": {"train": {"translate": 0.1}}},
            r"objects\.train: setting 'translate' is called 'shift' now",
        ),
        (
            {"objects": {"train": {"scale": 0.2}}},
            r"objects\.train\.scale: expected a list, got 0\.2",
        ),
        ({"parts": {"variants": ["dotted"]}}, r"parts\.variants\.0: expected 'dots', .* 'dotted'"),
        ({"pose": {"train": {"input_size": [64]}}}, r"pose\.train\.input_size\.1: missing"),
        (
            {"actions": {"csn": {"trian": {}}}},
            r"actions\.csn: unknown setting 'trian' \(is 'train'",
        ),
        (
            {"states": {"group_two": {"init": 3}}},
            r"config: states\.group_two\.train: missing",
        ),
        (
            {"states": {"skeleton": {"train": {"epochs": 0}}}},
            r"states\.skeleton\.train\.epochs: expected at least 1, got 0",
        ),
        # what a training would refuse, hours later
        (
            {"persons": {"train": {"network": "yolo11z.yaml"}}},
            r"persons\.train\.network: 'yolo11z.yaml' \(is 'yolo11.yaml' meant\?\); expected a det",
        ),
        (
            {"parts": {"train": {"network": "yolo11n.pt"}}},
            "expected a .yaml, .* pretrained files go to",
        ),
        ({"objects": {"train": {"network": "yolo11n-cls.yaml"}}}, "expected a detector of ultral"),
        ({"parts": {"single": {"train": {"optimizer": "sdg"}}}}, "optimizer: expected 'SGD', "),
        ({"pose": {"train": {"network": "hrnet"}}}, "pose.train.network: .* not one of mmpose's: "),
        (
            {"actions": {"csn": {"train": {"network": ["ir_cns", {}]}}}},
            r"csn\.train\.network: unknown network 'ir_cns' \(is 'ir_csn' meant\?\); known: c3d, ",
        ),
        (
            {"states": {"video": {"train": {"network": ["ir_csn", {"dept": 50}]}}}},
            r"ir_csn has no setting 'dept' \(is 'depth' meant\?\); known: depth, stem_channels, d",
        ),
        (
            {"states": {"instance_roi": {"train": {"backbone": {"gamma": 2}}}}},
            "slowfast has no setting 'gamma'; known: depth, ",
        ),
    ],
)
def test_a_wrong_setting_is_told_in_words(repository, overlay, message):
    base = yaml.safe_load((repository / "config.yaml").read_text())
    with pytest.raises(InputError, match=message):
        check_config(merged(base, overlay))


@pytest.mark.parametrize("name", ["winner_2022", "second_2021"])
def test_what_chooses_from_a_recipe_is_refused_without_it(repository, name):
    base = yaml.safe_load((repository / "config.yaml").read_text())
    overlay = yaml.safe_load((repository / f"configs/{name}.yaml").read_text())
    expected = "of the recipe kinetics_tps, but the sizes are those of demo; expected --configfile "
    with pytest.raises(InputError, match=f"{expected}configs/kinetics_tps.yaml"):
        check_config(merged(base, overlay))


def test_the_home_folder_is_expanded(repository, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    config = yaml.safe_load((repository / "config.yaml").read_text())
    config["dataset"]["root"] = "~/data"
    config["pose"]["train"]["weights"] = "~/w.pth"
    config["persons"]["train"]["weights"] = "weights/~.pt"
    config["dataset"]["other_folds"] = ["~/a/results", "b/results"]
    expand_home(config)
    assert config["dataset"]["other_folds"] == ["/home/me/a/results", "b/results"]
    assert config["dataset"]["root"] == "/home/me/data"
    assert config["pose"]["train"]["weights"] == "/home/me/w.pth"
    assert config["persons"]["train"]["weights"] == "weights/~.pt"
    config["dataset"]["root"] = "~nobody-of-this-name/data"
    with pytest.raises(InputError, match="root: ~nobody-of-this-name/data: there is no such user"):
        expand_home(config)


@pytest.mark.parametrize(
    ("folds", "message"),
    [
        ({"val_fold": 1}, "val_fold and other_folds need val_folds, which is null"),
        ({"other_folds": ["a/results"]}, "val_fold and other_folds need val_folds"),
        ({"val_folds": 3, "val_fold": 3}, "val_fold: 3; expected less than val_folds, 3"),
        ({"val_folds": 3, "other_folds": ["a", "a"]}, "other_folds: .*expected each once"),
    ],
)
def test_folds_that_cannot_be_are_refused(repository, folds, message):
    base = yaml.safe_load((repository / "config.yaml").read_text())
    with pytest.raises(InputError, match=message):
        check_config(merged(base, {"dataset": folds}))


def test_an_overlay_alone_fits_the_schema_for_overlays(repository, schema):
    editors = overlay_schema(schema)
    for path in overlays(repository):
        jsonschema.validate(yaml.safe_load(path.read_text()), editors)
    with pytest.raises(jsonschema.ValidationError, match="'epoch' was unexpected"):
        jsonschema.validate({"persons": {"train": {"epoch": 3}}}, editors)


def test_the_default_config_and_every_overlay_fit(repository, schema):
    base = yaml.safe_load((repository / "config.yaml").read_text())
    check_config(base)
    jsonschema.validate(base, schema)
    assert len(overlays(repository)) >= 3
    for path in overlays(repository):
        overlay = yaml.safe_load(path.read_text())
        recipe = overlay.get("needs_recipe")
        sizes = repository / f"configs/{recipe}.yaml"
        beneath = yaml.safe_load(sizes.read_text()) if recipe else {}
        whole = merged(merged(base, beneath), overlay)
        check_config(whole)
        jsonschema.validate(whole, schema)


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        ({"persons": {"train": {"epochs": "many"}}}, "'many' is not of type 'integer'"),
        ({"persons": {"train": {"epoch": 3}}}, "'epoch' was unexpected"),
        ({"parts": {"variants": ["dotted"]}}, "'dotted' is not one of"),
        ({"pose": {"train": {"input_size": [64]}}}, r"\[64\] is too short"),
    ],
)
def test_a_wrong_setting_is_refused(repository, schema, overlay, message):
    base = yaml.safe_load((repository / "config.yaml").read_text())
    with pytest.raises(jsonschema.ValidationError, match=message):
        jsonschema.validate(merged(base, overlay), schema)


def test_the_full_recipe_leaves_nothing_to_the_demo(repository):
    """A setting that it does not name would silently be the tiny demo network's."""
    base = yaml.safe_load((repository / "config.yaml").read_text())
    recipe = yaml.safe_load((repository / "configs/kinetics_tps.yaml").read_text())

    def missing(ours, theirs, path):
        for key, value in ours.items():
            if key not in theirs:
                yield f"{path}.{key}"
            elif isinstance(value, dict) and key != "network":
                yield from missing(value, theirs[key], f"{path}.{key}")

    # what shapes the narrow pose net and its training says nothing where weights are used as given
    unused = {"width", "blocks", "input_size", "sigma", "batch", "learning_rate", "frame_stride"}
    unused |= {"half_body", "shift", "scale", "rotate", "workers", "seed"}
    base["pose"]["train"] = {k: v for k, v in base["pose"]["train"].items() if k not in unused}
    for section in ("persons", "pose", "parts", "objects", "actions", "states"):
        found = list(missing(base[section], recipe[section], section))
        assert set(found) <= {f"{section}.train.seed", "parts.variants"}, found
