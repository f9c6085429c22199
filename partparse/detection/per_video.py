"""Long predictions of a table, video by video: a killed job goes on where it was."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from partparse import tables
from partparse.cache_key import cache_key
from partparse.program import progress


def write_by_video(
    rows: pd.DataFrame,
    compute: Callable[[pd.DataFrame], pd.DataFrame],
    out: Path,
    schema: pa.DataFrameSchema,
    *,
    frames: pd.DataFrame,
    made_by: Mapping[str, Any],
    what: str,
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
    """
    partial = out.with_name(f".{out.stem}.partial")
    done = [tables.empty(schema)]
    sources = frames.set_index("video")["source"]
    groups = rows.groupby("video", sort=True)
    for video, group in progress(groups, what, groups.ngroups):
        key = cache_key({**made_by, "pictures": sources[video], "rows": group})
        file = partial / f"{key}.parquet"
        if not file.is_file():
            tables.write(compute(group), file, schema)
        done.append(tables.read(file, schema))
    tables.write(pd.concat(done, ignore_index=True), out, schema)
    shutil.rmtree(partial, ignore_errors=True)
