"""List the videos that did not decode whole, as a page of the report."""

import argparse
from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.files.atomic import write_text
from partparse.report.page import PROBLEM_COLUMNS, problems_page
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="frames tables")
    parser.add_argument("--flow", type=Path, nargs="+", default=[], help="flow tables, if any")
    parser.add_argument("--out", type=Path, required=True, help="HTML to write")
    args = parser.parse_args()
    frames = tables.read_all(args.frames, tables.FRAMES)
    flow = [tables.read(path, tables.FLOW).assign(expected=pd.NA) for path in args.flow]
    stages = [frames.assign(stage="frames"), *(table.assign(stage="flow") for table in flow)]
    faulty = pd.concat([table.loc[table["problem"].notna(), PROBLEM_COLUMNS] for table in stages])
    write_text(args.out, problems_page(faulty, len(frames)))


if __name__ == "__main__":
    run(main)
