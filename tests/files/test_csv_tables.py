"""Our CSV tables come back as they were written, whatever videos and actions are called."""

import numpy as np
import pandas as pd
import pytest

from partparse.errors import InputError
from partparse.files.csv_tables import read_csv, read_csvs


def test_names_stay_text_and_numbers_numbers(tmp_path):
    table = pd.DataFrame(
        {
            "split": "val",
            "video": ["NA", "null", "007", "a,b", ""],
            "action": ["nan", "None", "1e3", "True", "n/a"],
            "psc": [0.5, np.nan, 1.0, 0.1 + 0.2, 0.0],
            "correct": [1, 0, 1, 0, 1],
        }
    )
    table.to_csv(tmp_path / "val.csv", index=False)
    pd.testing.assert_frame_equal(read_csv(tmp_path / "val.csv"), table)


def test_a_table_without_rows_keeps_its_columns_and_spoils_no_type(tmp_path):
    table = pd.DataFrame({"video": ["a"], "psc": [0.5], "correct": [1]})
    table.to_csv(tmp_path / "val.csv", index=False)
    table.iloc[:0].to_csv(tmp_path / "test.csv", index=False)
    empty = read_csv(tmp_path / "test.csv")
    assert list(empty.columns) == list(table.columns)
    assert pd.api.types.is_numeric_dtype(empty["psc"])
    joined = read_csvs([tmp_path / "test.csv", tmp_path / "val.csv"])
    pd.testing.assert_frame_equal(joined, table)
    assert read_csvs([tmp_path / "test.csv"]).empty


@pytest.mark.parametrize(
    ("text", "said"),
    [("video,psc\na,high\n", "column 'psc'"), ("", "not a readable CSV table")],
)
def test_faults_are_told_with_the_file(tmp_path, text, said):
    path = tmp_path / "scores.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_csv(path)
    with pytest.raises(InputError, match="no such table"):
        read_csv(tmp_path / "absent.csv")
