from pathlib import Path

import pandas as pd

from partparse.files.atomic import write_text
from partparse.report.page import PROBLEM_COLUMNS, problems_page
from partparse.running.arguments import Flow, Frames
from partparse.running.command_line import program


@program
def write_problems(*, frames: Frames, flow: Flow | None = None, out: Path) -> None:
    """List the videos that did not decode whole, as a page of the report.

    Args:
        flow: Flow tables, if any.
    """
    stages = [frames.table.assign(stage="frames")]
    if flow is not None:
        stages.append(flow.table.assign(expected=pd.NA, stage="flow"))
    faulty = pd.concat([table.loc[table["problem"].notna(), PROBLEM_COLUMNS] for table in stages])
    write_text(out, problems_page(faulty, len(frames.table)))
