from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.files.atomic import write_text
from partparse.report.page import problems_page
from partparse.running.arguments import Flow, Frames, Problems
from partparse.running.command_line import program


@program
def write_problems(
    *,
    frames: Frames,
    flow: Flow | None = None,
    problems: Problems,
    table_out: Path,
    page_out: Path,
) -> None:
    """Join what is wrong with single videos to one table, and write it as a page of the report.

    Args:
        flow: Flow tables, if any.
    """
    pictures = {"frames": frames.table} | ({} if flow is None else {"flow": flow.table})
    faulty = [
        table.dropna(subset="problem").rename(columns={"problem": "reason"}).assign(stage=stage)
        for stage, table in pictures.items()
    ]
    joined = pd.concat([*(table[list(problems)] for table in faulty), problems])
    # a refit has the videos of val a second time, with annotated persons in place of detected ones
    joined = joined.drop_duplicates(tables.PROBLEMS.unique)
    tables.write(joined, table_out, tables.PROBLEMS)
    write_text(page_out, problems_page(tables.read(table_out, tables.PROBLEMS), len(frames.table)))
