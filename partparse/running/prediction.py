"""One way to predict: tables of rows, some videos at a time, where a killed job goes on."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pandera.pandas as pa

from partparse import tables
from partparse.files.weights import identify_model
from partparse.running.program import progress
from partparse.running.resuming import cache_key

Rows = Mapping[str, pd.DataFrame]  # rows of tables, by names that a predictor knows them by


class Output(NamedTuple):
    """A table that is predicted."""

    schema: pa.DataFrameSchema
    names: Sequence[str] = ()  # those of the table's distribution, where it has one


@dataclass(frozen=True)
class Predictor:
    """A method that is ready: a function from rows to tables, which knows of no table's file."""

    judge: Callable[[Rows], Sequence[pd.DataFrame]]
    """Maps the rows of some videos to their part of each output table."""
    outputs: Sequence[Output]
    models: Sequence[Path]
    """The folders of trained models that it was loaded from."""
    made_by: Mapping[str, Any]
    """All else that the tables depend on beside rows and code, as settings (see `cache_key`)."""
    at_once: int | None = 1
    """How many videos it is given at once; None: all, as its batches run over them."""


def predict(predictor: Predictor, rows: Rows, files: Sequence[Path], version: int) -> None:
    """Write the tables that a predictor makes of rows.

    What is done lies in a folder beside the first file until all are written.

    Args:
        predictor: the method.
        rows: the videos are those of the first table, and each of the others is cut to them.
            If the method looks at pictures, pass FRAMES or FLOW too: changed pictures then get
            new predictions.
        files: of the predictor's outputs.
        version: of the code; what another version left half done is not used.
    """
    made_by = {
        **predictor.made_by,
        "version": version,
        "models": [identify_model(folder) for folder in predictor.models],
        "names": [list(output.names) for output in predictor.outputs],
    }
    partial = files[0].with_name(f".{files[0].stem}.partial")
    done = [[tables.empty(*output)] for output in predictor.outputs]
    videos = sorted(next(iter(rows.values()))["video"].unique())
    size = predictor.at_once or max(len(videos), 1)
    what = ", ".join(str(output.schema.name) for output in predictor.outputs)
    what += " of videos" if size == 1 else f" of {size} videos each"
    for own in progress(_cut(rows, videos, size), what, -(-len(videos) // size)):
        for found, part in zip(done, _judge_once(predictor, own, partial, made_by), strict=True):
            found.append(part)
    for found, file, output in zip(done, files, predictor.outputs, strict=True):
        tables.write(pd.concat(found, ignore_index=True), file, output.schema)
    shutil.rmtree(partial, ignore_errors=True)


def _cut(rows: Rows, videos: Sequence[str], size: int) -> Iterator[Rows]:
    """The rows of `size` videos, then those of the next, each table in its order."""
    places = {name: table.groupby("video").indices for name, table in rows.items()}
    none = np.empty(0, np.int64)
    for start in range(0, len(videos), size):
        own = {}
        for name, table in rows.items():
            found = [places[name].get(video, none) for video in videos[start : start + size]]
            own[name] = table.iloc[np.sort(np.concatenate(found))]
        yield own


def _judge_once(
    predictor: Predictor, rows: Rows, folder: Path, made_by: Mapping[str, Any]
) -> list[pd.DataFrame]:
    """The predictor's tables of some videos: those in the folder, if they are there."""
    key = cache_key({**made_by, "rows": rows})
    parts = [
        (folder / f"{key}-{number}.parquet", output.schema)
        for number, output in enumerate(predictor.outputs)
    ]
    if not all(file.is_file() for file, _ in parts):
        for table, part in zip(predictor.judge(rows), parts, strict=True):
            tables.write(table, *part)
    return [tables.read(*part) for part in parts]
