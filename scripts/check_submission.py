"""Check that a submission can be scored and holds every video and scored frame."""

import argparse
import logging
from pathlib import Path

from partparse import tables
from partparse.challenge.submission import check_submission, expected_results, submitted_lengths
from partparse.errors import InputError
from partparse.files.atomic import write_text
from partparse.running.program import run

log = logging.getLogger("partparse")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submission", type=Path, required=True, help="zip or folder")
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="frames tables")
    parser.add_argument("--stride", type=int, required=True, help="step between scored frames")
    parser.add_argument("--out", type=Path, required=True, help="written if there is no fault")
    args = parser.parse_args()
    lengths = submitted_lengths(tables.read_all(args.frames, tables.FRAMES))
    faults = check_submission(args.submission, expected_results(lengths, args.stride), args.stride)
    for fault in faults:
        log.error("%s", fault)
    if faults:
        raise InputError(f"{args.submission}: {len(faults)} faults; expected none")
    write_text(args.out, f"{args.submission}: {len(lengths)} videos, can be scored\n")


if __name__ == "__main__":
    run(main)
