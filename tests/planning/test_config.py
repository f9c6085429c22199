"""The settings, their schema and the classes that read them say the same."""

import jsonschema
import pytest
import yaml

from partparse.errors import InputError
from partparse.planning.config_check import check_config
from partparse.planning.config_schema import config_schema, overlay_schema, schema_files


@pytest.fixture(scope="module")
def schema():
    return config_schema()


def merged(base, overlay):
    """What snakemake makes of a config file and an overlay."""
    if not isinstance(base, dict) or not isinstance(overlay, dict):
        return overlay
    return base | {key: merged(base.get(key), value) for key, value in overlay.items()}


def overlays(repository):
    return [*repository.glob("configs/*.yaml"), *repository.glob("tests/configs/*.yaml")]


def test_the_schema_files_are_what_the_classes_make(repository):
    for name, text in schema_files().items():
        assert (repository / "schemas" / name).read_text() == text


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        (
            {"dataset": {"rot": "x"}},
            r"dataset: unknown setting 'rot' \(is 'root' meant\?\); known:",
        ),
        (
            {"persons": {"train": {"zzz": 3}}},
            r"persons.train: unknown setting 'zzz'; known: model,",
        ),
        ({"states": {"mine": {}, "a b": {}}}, r"states: unknown setting 'a b'; known: category"),
        ({"methods": {"states": "group"}}, r"methods.states: 'group' is not of type 'array'"),
    ],
)
def test_a_wrong_setting_is_told_in_words(repository, overlay, message):
    base = yaml.safe_load((repository / "config.yaml").read_text())
    with pytest.raises(InputError, match=message):
        check_config(merged(base, overlay), repository / "schemas/config.schema.yaml")


def test_an_overlay_alone_fits_the_schema_for_overlays(repository, schema):
    editors = overlay_schema(schema)
    for path in overlays(repository):
        jsonschema.validate(yaml.safe_load(path.read_text()), editors)
    with pytest.raises(jsonschema.ValidationError, match="'epoch' was unexpected"):
        jsonschema.validate({"persons": {"train": {"epoch": 3}}}, editors)


def test_the_default_config_and_every_overlay_fit(repository, schema):
    base = yaml.safe_load((repository / "config.yaml").read_text())
    jsonschema.validate(base, schema)
    assert len(overlays(repository)) >= 3
    for path in overlays(repository):
        jsonschema.validate(merged(base, yaml.safe_load(path.read_text())), schema)


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
    unused |= {"half_body", "shift", "scale", "rotation", "workers", "seed"}
    base["pose"]["train"] = {k: v for k, v in base["pose"]["train"].items() if k not in unused}
    for section in ("persons", "pose", "parts", "objects", "actions", "states"):
        found = list(missing(base[section], recipe[section], section))
        assert set(found) <= {f"{section}.train.seed", "parts.variants"}, found
