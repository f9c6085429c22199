"""Predicting in tests."""

from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.running.arguments import Job
from partparse.running.prediction import Predictor, Rows, predict


def predicted(predictor: Predictor, rows: Rows, folder: Path) -> list[pd.DataFrame]:
    """Its tables, read from their files; nothing but these is left in the folder."""
    files = [folder / f"table-{number}.parquet" for number in range(len(predictor.outputs))]
    predict(predictor, rows, files, Job())
    assert set(files) == set(folder.glob("table-*")) | set(folder.glob(".table-*"))
    outputs = zip(files, predictor.outputs, strict=True)
    return [tables.read(file, output.schema) for file, output in outputs]
