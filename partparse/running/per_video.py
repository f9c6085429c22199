"""Long predictions of tables, video by video: a killed job goes on where it was."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from partparse import tables
from partparse.running.program import progress
from partparse.running.resuming import cache_key

Target = tuple[Path, pa.DataFrameSchema]
"""A table to write: its file and its schema."""


def write_by_video(
    rows: pd.DataFrame,
    compute: Callable[[pd.DataFrame], pd.DataFrame],
    out: Path,
    schema: pa.DataFrameSchema,
    *,
    frames: pd.DataFrame,
    made_by: Mapping[str, Any],
    what: str,
    names: Sequence[str] = (),
) -> None:
    """Apply `compute` to the rows of each video and write the joined table.

    What is done lies in a folder beside `out` until the table is written.

    Args:
        rows: what is predicted on, with a column `video`.
        compute: from the rows of a video to its part of the table.
        out: the table's file.
        schema: of the table.
        frames: FRAMES of the videos: other pictures are computed anew.
        made_by: all else that the result depends on (see `cache_key`): version, model, settings.
        what: said in the progress.
        names: those of the table's distribution, where it has one.
    """
    write_tables_by_video(
        rows,
        lambda group: (compute(group),),
        [(out, schema)],
        [tables.empty(schema, names)],
        frames=frames,
        made_by=made_by,
        what=what,
    )


def write_tables_by_video(
    rows: pd.DataFrame,
    compute: Callable[[pd.DataFrame], Sequence[pd.DataFrame]],
    targets: Sequence[Target],
    empty: Sequence[pd.DataFrame],
    *,
    frames: pd.DataFrame,
    made_by: Mapping[str, Any],
    what: str,
) -> None:
    """As `write_by_video`, for a prediction of several tables.

    Args:
        rows: as there.
        compute: from the rows of a video to its part of each table.
        targets: the tables; what is done lies beside the first until they are written.
        empty: each table without rows.
        frames: as there.
        made_by: as there.
        what: as there.
    """
    first = targets[0][0]
    partial = first.with_name(f".{first.stem}.partial")
    done = [[table] for table in empty]
    sources = frames.set_index("video")["source"]
    groups = rows.groupby("video", sort=True)
    for video, group in progress(groups, what, groups.ngroups):
        key = cache_key({**made_by, "pictures": sources[video], "rows": group})
        files = [partial / f"{key}-{number}.parquet" for number in range(len(targets))]
        if not all(file.is_file() for file in files):
            for file, table, (_, schema) in zip(files, compute(group), targets, strict=True):
                tables.write(table, file, schema)
        for found, file, (_, schema) in zip(done, files, targets, strict=True):
            found.append(tables.read(file, schema))
    for found, (out, schema) in zip(done, targets, strict=True):
        tables.write(pd.concat(found, ignore_index=True), out, schema)
    shutil.rmtree(partial, ignore_errors=True)
