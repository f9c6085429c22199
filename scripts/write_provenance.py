"""Write what the run came from as a page of the report."""

import argparse
from pathlib import Path

from partparse.files.atomic import read_json, write_text
from partparse.report.provenance import provenance_page
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", type=Path, required=True, help="run.json")
    parser.add_argument("--out", type=Path, required=True, help="HTML to write")
    args = parser.parse_args()
    write_text(args.out, provenance_page(read_json(args.record)))


if __name__ == "__main__":
    run(main)
