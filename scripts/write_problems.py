"""List the videos that did not decode whole, as a page of the report."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.files import write_text
from partparse.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="frames tables")
    parser.add_argument("--out", type=Path, required=True, help="HTML to write")
    args = parser.parse_args()
    frames = tables.read_all(args.frames, tables.FRAMES)
    problems = frames.loc[frames["problem"].notna(), ["video", "frames", "expected", "problem"]]
    if len(problems):
        body = problems.to_html(index=False, border=0)
    else:
        body = f"<p>All {len(frames)} videos decoded whole.</p>"
    style = "<style>body{font-family:sans-serif} td,th{padding:2px 12px;text-align:left}</style>"
    write_text(args.out, f"<!doctype html><meta charset='utf-8'>{style}{body}\n")


if __name__ == "__main__":
    run(main)
