"""Tables that were damaged after they were written."""

import pandas as pd
import pytest

from partparse.files.broken_tables import set_aside


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "results" / "persons" / "detected" / "test-000.parquet"
    path.parent.mkdir(parents=True)
    pd.DataFrame({"video": ["a", "b"]}).to_parquet(path)
    return path


@pytest.mark.parametrize("kept", [0, 1, 11, 12, -1, -4])
def test_a_table_cut_short_is_set_aside_until_it_is_there_again(table, tmp_path, kept):
    results, whole = tmp_path / "results", table.read_bytes()
    assert set_aside(results) == []
    table.write_bytes(whole[:kept])
    for _ in range(2):
        assert set_aside(results) == [table]
        assert not table.exists()
    aside = table.with_name("test-000.parquet.damaged")
    assert aside.read_bytes() == whole[:kept]
    table.write_bytes(whole)
    assert set_aside(results) == []
    assert not aside.exists()


def test_what_killed_jobs_keep_is_looked_at_and_pictures_are_not(table, tmp_path):
    results = tmp_path / "results"
    kept = results / "states" / "group" / ".test-000.partial" / "key-0.parquet"
    beside_pictures = results / "frames" / "test-000.parquet"
    among_pictures = results / "frames" / "video" / "img_00001.parquet"
    for path in (kept, beside_pictures, among_pictures):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"PAR1")
    assert set_aside(results) == [beside_pictures]
    assert not kept.exists()
    assert among_pictures.exists()


def test_there_may_be_no_results_yet(tmp_path):
    assert set_aside(tmp_path / "results") == []
