"""One way to predict: tables of rows, some videos at a time, where a killed job goes on.

A video that a method fails on is left out: see `partparse.running.boundary`.
"""

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pandera.pandas as pa

from partparse import tables
from partparse.errors import InputError
from partparse.files.weights import identify_model
from partparse.running.arguments import Job
from partparse.running.boundary import Boundary
from partparse.running.program import progress
from partparse.running.resuming import cache_key

_log = logging.getLogger("partparse")

Rows = Mapping[str, pd.DataFrame]  # rows of tables, by names that a predictor knows them by
Judge = Callable[[Rows], Sequence[pd.DataFrame]]
"""Maps the rows of some videos to their part of each output table."""


class Output(NamedTuple):
    """A table that is predicted."""

    schema: pa.DataFrameSchema
    names: Sequence[str] = ()  # those of the table's distribution, where it has one


@dataclass(frozen=True)
class Predictor:
    """A method that is ready: a function from rows to tables, which knows of no table's file."""

    judge: Judge
    outputs: Sequence[Output]
    models: Sequence[Path]
    """The folders of trained models that it was loaded from."""
    made_by: Mapping[str, Any]
    """All else that the tables depend on beside rows and code, as settings (see `cache_key`)."""
    at_once: int | None = 1
    """How many videos it is given at once; None: all, as its batches run over them."""


def predict(predictor: Predictor, rows: Rows, files: Sequence[Path], job: Job) -> None:
    """Write the tables that a predictor makes of rows.

    What is done lies in a folder beside the first file until all are written.

    Args:
        predictor: the method.
        rows: the videos are those of the first table, and each of the others is cut to them.
            If the method looks at pictures, pass FRAMES or FLOW too: changed pictures then get
            new predictions.
        files: of the predictor's outputs.
        job: what another version of the code left half done is not used.
    """
    made_by = {
        **predictor.made_by,
        "version": job.version,
        "models": [identify_model(folder) for folder in predictor.models],
        "names": [list(output.names) for output in predictor.outputs],
    }
    partial = files[0].with_name(f".{files[0].stem}.partial")
    done = [[tables.empty(*output)] for output in predictor.outputs]
    boundary = Boundary(job)
    videos = sorted(next(iter(rows.values()))["video"].unique())
    size = predictor.at_once or max(len(videos), 1)
    what = ", ".join(str(output.schema.name) for output in predictor.outputs)
    what += " of videos" if size == 1 else f" of {size} videos each"

    def judge(own: Rows) -> list[pd.DataFrame]:
        return _judge_once(predictor, own, partial, made_by)

    for some, own in progress(_cut(rows, videos, size), what, -(-len(videos) // size)):
        judged = _judge_or_leave_out(judge, some, own, predictor.outputs, boundary)
        for found, part in zip(done, judged, strict=True):
            found.append(part)
    for found, file, output in zip(done, files, predictor.outputs, strict=True):
        tables.write(pd.concat(found, ignore_index=True), file, output.schema)
    boundary.write()
    shutil.rmtree(partial, ignore_errors=True)


def make_tables(
    judge: Judge, rows: Rows, outputs: Sequence[Output], files: Sequence[Path], job: Job
) -> None:
    """Write the tables that `make` makes into files, one for each output."""
    for table, file, output in zip(make(judge, rows, outputs, job), files, outputs, strict=True):
        tables.write(table, file, output.schema)


def make(judge: Judge, rows: Rows, outputs: Sequence[Output], job: Job) -> Sequence[pd.DataFrame]:
    """Tables that are made of rows all at once, in seconds, so that none are kept half done.

    Args:
        judge: what makes them.
        rows: of all videos that are in any of the tables.
        outputs: what it makes.
        job: its table of problems is written.
    """

    def check(own: Rows) -> list[pd.DataFrame]:
        made = zip(judge(own), outputs, strict=True)
        return [tables.checked(table, output.schema) for table, output in made]

    boundary = Boundary(job)
    videos = sorted(set().union(*(table["video"].unique() for table in rows.values())))
    made = _judge_or_leave_out(check, videos, rows, outputs, boundary)
    boundary.write()
    return made


def _judge_or_leave_out(
    judge: Judge,
    videos: Sequence[str],
    rows: Rows,
    outputs: Sequence[Output],
    boundary: Boundary,
) -> Sequence[pd.DataFrame]:
    """What is made of some videos at once; where that fails, of each but those it fails on."""
    try:
        return judge(rows)
    except Exception as error:
        if not videos:
            raise
        if len(videos) == 1:
            boundary.leave_out(videos[0], error)
            return [tables.nothing_found(*output, videos) for output in outputs]
        reason = boundary.reason(error)
    _log.info("%d videos are looked at one by one: %s", len(videos), reason)
    done = [[tables.empty(*output)] for output in outputs]
    for one, own in _cut(rows, videos, 1):
        judged = _judge_or_leave_out(judge, one, own, outputs, boundary)
        for found, part in zip(done, judged, strict=True):
            found.append(part)
    return [pd.concat(found, ignore_index=True) for found in done]


def _cut(rows: Rows, videos: Sequence[str], size: int) -> Iterator[tuple[Sequence[str], Rows]]:
    """`size` videos and their rows, then the next, each table in its order and numbered from 0."""
    places = {name: table.groupby("video", observed=True).indices for name, table in rows.items()}
    none = np.empty(0, np.int64)
    for start in range(0, len(videos), size):
        some = videos[start : start + size]
        own = {}
        for name, table in rows.items():
            found = [places[name].get(video, none) for video in some]
            own[name] = table.iloc[np.sort(np.concatenate(found))].reset_index(drop=True)
        yield some, own


def _judge_once(
    predictor: Predictor, rows: Rows, folder: Path, made_by: Mapping[str, Any]
) -> list[pd.DataFrame]:
    """The predictor's tables of some videos: those in the folder, if they are there."""
    key = cache_key({**made_by, "rows": rows})
    parts = [
        (folder / f"{key}-{number}.parquet", output.schema)
        for number, output in enumerate(predictor.outputs)
    ]
    with suppress(InputError):  # not there yet, or damaged
        return [tables.read(*part) for part in parts]
    for table, part in zip(predictor.judge(rows), parts, strict=True):
        tables.write(table, *part)
    return [tables.read(*part) for part in parts]
