"""`partparse check-dataset`: every fault of a data set."""

import argparse
from pathlib import Path

from partparse.commands.common import Commands, tell


def add_parser(commands: Commands) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "check-dataset",
        help="list what is wrong in a data set",
        description="List the faults of a data set in the Kinetics-TPS layout (docs/own-data.md), "
        "one a line: file, entry, and what was expected. Videos are opened, not decoded.",
    )
    parser.add_argument("root", type=Path, metavar="ROOT", help="folder with train_videos, list, …")
    parser.set_defaults(command=_check_dataset)


def _check_dataset(args: argparse.Namespace) -> int:
    from partparse.dataset.check import check_dataset

    return tell(check_dataset(args.root), f"{args.root}: no faults")
