"""Long predictions of a table, video by video: a killed job goes on where it was."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from partparse import tables
from partparse.program import progress


def write_by_video(
    rows: pd.DataFrame,
    compute: Callable[[pd.DataFrame], pd.DataFrame],
    out: Path,
    schema: pa.DataFrameSchema,
    *,
    made_by: str,
    what: str,
) -> None:
    """Apply `compute` to the rows of each video and write the joined table.

    What is done lies in a folder beside `out` until the table is written.

    Args:
        rows: what is predicted on, with a column `video`.
        compute: from the rows of a video to its part of the table.
        out: the table's file.
        schema: of the table.
        made_by: all that the result depends on beside the rows; another text computes anew.
        what: said in the progress.
    """
    partial = out.with_name(f".{out.stem}.partial")
    done = [tables.empty(schema)]
    groups = rows.groupby("video", sort=True)
    for _, group in progress(groups, what, groups.ngroups):
        content = group.to_csv(index=False)
        key = hashlib.sha256(f"{made_by}\n{content}".encode()).hexdigest()
        file = partial / f"{key}.parquet"
        if not file.is_file():
            tables.write(compute(group), file, schema)
        done.append(tables.read(file, schema))
    tables.write(pd.concat(done, ignore_index=True), out, schema)
    shutil.rmtree(partial, ignore_errors=True)
