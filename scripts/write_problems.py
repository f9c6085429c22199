from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.files.atomic import write_text
from partparse.report.page import PROBLEM_COLUMNS, problems_page
from partparse.running.command_line import program


@program
def write_problems(*, frames: list[Path], flow: tuple[Path, ...] = (), out: Path) -> None:
    """List the videos that did not decode whole, as a page of the report.

    Args:
        flow: Flow tables, if any.
    """
    decoded = tables.read_all(frames, tables.FRAMES)
    flows = [tables.read(path, tables.FLOW).assign(expected=pd.NA) for path in flow]
    stages = [decoded.assign(stage="frames"), *(table.assign(stage="flow") for table in flows)]
    faulty = pd.concat([table.loc[table["problem"].notna(), PROBLEM_COLUMNS] for table in stages])
    write_text(out, problems_page(faulty, len(decoded)))
