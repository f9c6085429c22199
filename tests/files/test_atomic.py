"""Files are whole or absent; broken JSON is named with its place; settings are checked."""

import json

import pytest

from partparse.errors import InputError
from partparse.files.atomic import atomic_path, read_json, write_json
from partparse.running.settings import Settings
from partparse.vocabulary import PARTS, Vocabulary, swap_order, swap_side


def test_a_write_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "table.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic_path(path) as temporary:
        temporary.write_text("new")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_json_cut_in_the_middle_is_named_with_line_and_column(tmp_path):
    path = tmp_path / "x.json"
    path.write_text('{"humans": [\n{"box": [1, 2')
    with pytest.raises(InputError, match=r"x\.json: not valid JSON at line 2, column"):
        read_json(path)


def test_json_nested_without_end_is_refused(tmp_path):
    path = tmp_path / "deep.json"
    path.write_text("[" * 200_000)
    with pytest.raises(InputError, match=r"deep\.json: not valid JSON"):
        read_json(path)


def test_json_with_nan_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "x.json", {"a": float("nan")})
    assert not list(tmp_path.iterdir())


class Example(Settings):
    epochs: int
    rate: float = 0.1


def test_settings_come_from_json():
    assert Example.parse(json.dumps({"epochs": 3})) == Example(epochs=3)


def test_an_unknown_setting_is_named_with_those_that_exist():
    message = r"unknown setting 'epoch' \(is 'epochs' meant\?\); known: epochs, rate"
    with pytest.raises(InputError, match=message):
        Example.parse(json.dumps({"epoch": 3}))


def test_a_missing_setting_is_named():
    with pytest.raises(InputError, match="epochs"):
        Example.parse("{}")


def test_sides_swap_and_swap_back():
    assert swap_side("left_arm") == "right_arm"
    assert swap_side("hip") == "hip"
    order = swap_order(PARTS)
    assert [order[i] for i in order] == list(range(len(PARTS)))
    assert [PARTS[i] for i in order] == [swap_side(part) for part in PARTS]


def test_a_vocabulary_survives_the_disk(tmp_path):
    vocabulary = Vocabulary(("run", "jump"), PARTS, ("none", "sit"), ("ball",))
    vocabulary.write(tmp_path / "vocabulary.json")
    assert Vocabulary.read(tmp_path / "vocabulary.json") == vocabulary


def test_a_vocabulary_without_states_is_named(tmp_path):
    (tmp_path / "vocabulary.json").write_text('{"actions": []}')
    with pytest.raises(InputError, match=r"vocabulary\.json: not a vocabulary"):
        Vocabulary.read(tmp_path / "vocabulary.json")
