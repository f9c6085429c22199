"""A quick look finds right what pandera finds right, and never more."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyarrow import Table, parquet

from partparse import tables
from partparse.errors import InputError
from partparse.files.table_checks import is_sound
from tests.samples.scenes import make_scene


def judge(table: pd.DataFrame, path: Path, schema=tables.PARSES) -> bool:
    """The quick look at a table as it is written by others."""
    parquet.write_table(Table.from_pandas(table, preserve_index=False), path)
    text = [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    return is_sound(parquet.read_table(path, read_dictionary=text, partitioning=None), schema)


@pytest.fixture
def parses(tmp_path: Path) -> pd.DataFrame:
    path = tmp_path / "parses.parquet"
    tables.write(make_scene(3).parses, path, tables.PARSES)
    return tables.read(path, tables.PARSES)


CHANGES = {
    "a box the wrong way": lambda t: t.assign(x1=t["x2"] + 1),
    "a score above 1": lambda t: t.assign(score=np.float32(1.5)),
    "a score that is none": lambda t: t.assign(score=np.float32("nan")),
    "a box that is none": lambda t: t.assign(x1=np.float32("nan")),
    "frames from 0": lambda t: t.assign(frame=t["frame"] - t["frame"].min()),
    "an unknown part": lambda t: t.assign(part=t["part"].where(t.index > 0, "tail")),
    "no part": lambda t: t.assign(part=t["part"].where(t.index > 0, None)),
    "a row twice": lambda t: t.loc[t.index.repeat(1 + (t.index == 3))].reset_index(drop=True),
    "a probability above 1": lambda t: t.assign(state_probability=np.float32(1.5)),
    "a column more": lambda t: t.assign(extra=1),
    "a column less": lambda t: t.drop(columns="score"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_what_pandera_refuses_is_refused(parses, change, tmp_path):
    path = tmp_path / "changed.parquet"
    assert not judge(change(parses), path)
    for read in (tables.read, lambda path, schema: tables.read_all_coded([path], schema)):
        with pytest.raises(InputError, match=r"changed\.parquet: not a parses table"):
            read(path, tables.PARSES)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t[::-1].reset_index(drop=True),
        lambda t: t.astype({"frame": "int64", "x1": "float64"}),
    ],
)
def test_what_needs_a_closer_look_is_read_all_the_same(parses, change, tmp_path):
    path = tmp_path / "changed.parquet"
    changed = change(parses)
    assert not judge(changed, path)
    expected = changed.astype(parses.dtypes.to_dict())
    pd.testing.assert_frame_equal(tables.read(path, tables.PARSES), expected)
    coded = tables.read_all_coded([path], tables.PARSES)
    plain = coded.astype({"video": "str", "part": "str", "state": "str"})
    pd.testing.assert_frame_equal(plain[list(expected)], expected)


def test_what_was_written_passes(parses, tmp_path):
    scene = make_scene(3)
    assert judge(parses, tmp_path / "parses.parquet")
    truth = tables.TRUTH.validate(scene.truth).sort_values("video")
    assert judge(truth, tmp_path / "truth.parquet", tables.TRUTH)
    nothing = parses[:0]
    assert judge(nothing, tmp_path / "nothing.parquet")
    pd.testing.assert_frame_equal(tables.read(tmp_path / "nothing.parquet", tables.PARSES), nothing)


def test_distributions_must_sum_to_one(tmp_path):
    table = pd.DataFrame({"video": ["a", "b"], "p_run": [0.25, 1], "p_sit": [0.75, 0]})
    table = table.astype({"p_run": "float32", "p_sit": "float32"})
    path = tmp_path / "actions.parquet"
    assert judge(table, path, tables.ACTIONS)
    assert not judge(table.assign(p_sit=np.float32(0.5)), path, tables.ACTIONS)
    assert not judge(table.assign(p_sit=["0", "0"]), path, tables.ACTIONS)
    for rows in (0, 2):
        assert not judge(table[["video"]][:rows], path, tables.ACTIONS)


def test_shards_with_other_names_are_joined(tmp_path):
    paths = [tmp_path / f"{number}.parquet" for number in range(3)]
    for number, path in enumerate(paths):
        scene = make_scene(number)
        named = scene.parses.assign(video=f"{number}_" + scene.parses["video"].astype(str))
        tables.write(named, path, tables.PARSES)
    expected = tables.read_all(paths, tables.PARSES)
    coded = tables.read_all_coded(paths, tables.PARSES)
    assert coded["video"].dtype == "category"
    plain = coded.astype({"video": "str", "part": "str", "state": "str"})
    pd.testing.assert_frame_equal(plain[list(expected)], expected)
