"""Every table is checked when it is written and when it is read."""

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest

from partparse import tables
from partparse.errors import InputError
from partparse.vocabulary import KEYPOINTS


@pytest.fixture
def persons():
    return pd.DataFrame(
        {"video": ["b", "a"], "frame": [1, 6], "person": [1, 1], "x1": 0.0, "y1": 1.0}
        | {"x2": 9.0, "y2": 8.0, "score": 0.5, "track": -1}
    )


def test_a_table_comes_back_as_it_was_sorted_by_its_key(persons, tmp_path):
    path = tmp_path / "deep" / "persons.parquet"
    tables.write(persons, path, tables.PERSONS)
    back = tables.read(path, tables.PERSONS)
    assert back["video"].tolist() == ["a", "b"]
    assert back["frame"].dtype == np.int32
    assert back["x2"].dtype == np.float32
    assert [p.name for p in path.parent.iterdir()] == ["persons.parquet"]


def test_the_same_table_has_the_same_bytes(persons, tmp_path):
    tables.write(persons, tmp_path / "a.parquet", tables.PERSONS)
    tables.write(persons.iloc[::-1], tmp_path / "b.parquet", tables.PERSONS)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("frame", 0, "greater_than_or_equal_to"),
        ("score", 1.5, "in_range"),
        ("x2", -5.0, "x2 < x1"),
        ("extra", 1, "extra"),
    ],
)
def test_a_table_that_does_not_fit_is_not_written(persons, tmp_path, column, value, message):
    persons[column] = value
    with pytest.raises(pa.errors.SchemaError, match=message):
        tables.write(persons, tmp_path / "persons.parquet", tables.PERSONS)
    assert not list(tmp_path.iterdir())


def test_a_key_that_stands_twice_is_refused(persons, tmp_path):
    with pytest.raises(pa.errors.SchemaError, match="unique"):
        tables.write(pd.concat([persons, persons]), tmp_path / "persons.parquet", tables.PERSONS)


@pytest.mark.parametrize("kept", [0, 10, 200])
def test_a_file_cut_short_is_named(persons, tmp_path, kept):
    path = tmp_path / "persons.parquet"
    tables.write(persons, path, tables.PERSONS)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"persons\.parquet: not a readable Parquet table"):
        tables.read(path, tables.PERSONS)


def test_a_table_of_another_kind_is_named(persons, tmp_path):
    path = tmp_path / "persons.parquet"
    tables.write(persons, path, tables.PERSONS)
    with pytest.raises(InputError, match=r"persons\.parquet: not a frames table"):
        tables.read(path, tables.FRAMES)


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(InputError, match=r"x\.parquet: no such table"):
        tables.read(tmp_path / "x.parquet", tables.PERSONS)


def test_probabilities_must_sum_to_one(tmp_path):
    row = {"video": ["v"], "p_run": [0.5], "p_jump": [0.4]}
    with pytest.raises(pa.errors.SchemaError, match="sum to 1"):
        tables.write(pd.DataFrame(row), tmp_path / "a.parquet", tables.ACTIONS)


def test_the_likeliest_name():
    table = pd.DataFrame({"video": ["v", "w"], "p_run": [0.5, 0.1], "p_jump": [0.4, 0.9]})
    assert tables.predicted_action(table)["action"].tolist() == ["run", "jump"]


def test_empty_tables_of_every_kind_survive_the_disk(tmp_path):
    for schema in (
        *(
            tables.VIDEOS,
            tables.TRUTH,
            tables.FRAMES,
            tables.TIMES,
            tables.ANNOTATIONS,
            tables.OBJECTS,
        ),
        *(tables.PERSONS, tables.KEYPOINT_TABLE, tables.PARTS_TABLE, tables.PARSES),
    ):
        path = tmp_path / f"{schema.name}.parquet"
        tables.write(tables.empty(schema), path, schema)
        assert tables.read(path, schema).empty
    states = tables.empty(tables.STATES, ["sit", "none"])
    tables.write(states, tmp_path / "states.parquet", tables.STATES)
    back = tables.read(tmp_path / "states.parquet", tables.STATES)
    assert tables.probability_names(back) == ["sit", "none"]


def test_keypoints_survive_packing():
    keys = pd.DataFrame({"video": ["a", "b"], "frame": [1, 2], "person": [1, 1]})
    keypoints = np.random.default_rng(0).random((2, len(KEYPOINTS), 3), np.float32)
    table = tables.unpack_keypoints(keys, keypoints)
    np.testing.assert_array_equal(tables.pack_keypoints(table), keypoints)
    assert table["nose_x"].tolist() == keypoints[:, 0, 0].tolist()
