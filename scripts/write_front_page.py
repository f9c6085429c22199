"""Write the report's front page."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.files.atomic import write_text
from partparse.files.csv_tables import read_csv, read_csvs
from partparse.report.front_page import front_page
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-set", required=True, help="what the videos are, in words")
    parser.add_argument("--scores", type=Path, required=True, help="scores.csv")
    parser.add_argument("--videos", type=Path, nargs="+", required=True, help="scores by video")
    parser.add_argument("--oracles", type=Path, nargs="+", required=True, help="oracle ladders")
    parser.add_argument("--choice", type=Path, required=True, help="methods by action")
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="frames tables")
    parser.add_argument("--final", required=True, help="method that is submitted")
    parser.add_argument("--out", type=Path, required=True, help="reStructuredText to write")
    args = parser.parse_args()
    page = front_page(
        args.data_set,
        scores=read_csv(args.scores),
        videos=read_csvs(args.videos),
        oracles=read_csvs(args.oracles),
        choice=read_csv(args.choice),
        problems=int(tables.read_all(args.frames, tables.FRAMES)["problem"].notna().sum()),
        final=args.final,
    )
    write_text(args.out, page)


if __name__ == "__main__":
    run(main)
