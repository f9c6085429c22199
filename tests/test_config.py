"""The settings, their schema and the classes that read them say the same."""

import jsonschema
import pytest
import yaml

from partparse.config_schema import as_yaml, config_schema


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


def test_the_schema_file_is_what_the_classes_make(repository, schema):
    assert (repository / "schemas/config.schema.yaml").read_text() == as_yaml(schema)


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
