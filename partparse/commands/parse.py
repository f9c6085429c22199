"""`partparse parse`: a finished run applied to any video."""

import argparse
import os
import sys
from pathlib import Path

from partparse.commands.common import Commands, positive


def add_parser(commands: Commands) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "parse",
        help="apply a finished run to videos: JSON, table, annotated video",
        description="Apply a finished run to videos. For each, DIR/VIDEO.json says its action and "
        "in each parsed frame the persons, their parts and what state these are in; "
        "DIR/VIDEO.parquet is the same as a table, DIR/VIDEO.mp4 shows it. Nothing is trained, "
        "nothing in the run is changed. A call that was interrupted goes on where it was, and "
        "videos that are parsed already are passed over. See docs/parse.md.",
    )
    parser.add_argument(
        "videos",
        type=Path,
        nargs="+",
        metavar="VIDEO",
        help="video file, or folder of img_00001.jpg, …",
    )
    parser.add_argument(
        "--run", type=Path, required=True, metavar="RESULTS", help="folder `results` of the run"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder to write the parses into"
    )
    parser.add_argument(
        "--stride",
        type=positive,
        metavar="N",
        help="parse frames 1, 1 + N, …; a divisor of the run's stride (default: that stride)",
    )
    parser.add_argument(
        "--cores",
        type=positive,
        default=len(os.sched_getaffinity(0)),
        metavar="N",
        help="how many to use (default: all)",
    )
    parser.set_defaults(command=_parse)


def _parse(args: argparse.Namespace) -> int:
    from partparse.errors import one_line
    from partparse.inference.parse import parse_videos

    faults: list[str] = []
    try:
        parse_videos(
            args.videos,
            args.run,
            args.out,
            stride=args.stride,
            cores=args.cores,
            tell=print,
            report=faults.append,
        )
    except KeyboardInterrupt:
        print("interrupted; the same command goes on where it was", file=sys.stderr)
        return 130
    for fault in faults:
        print(f"error: {one_line(fault)}", file=sys.stderr)
    return 1 if faults else 0
