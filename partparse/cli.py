"""The command line: `partparse COMMAND …`.

Exit status: 0 all is well, 1 faults were found (one a line), 2 wrong use.
"""

import argparse
import io
import logging
import sys
from collections.abc import Sequence

from partparse.commands import check_dataset, check_submission, evaluate, make_gt, parse, stats
from partparse.errors import InputError, one_line

COMMANDS = (check_dataset, stats, make_gt, check_submission, evaluate, parse)
"""In the order in which `--help` lists them."""


def build_parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    parser = argparse.ArgumentParser(
        prog="partparse",
        description="Tools for the files of part-level action parsing (Kinetics-TPS). Training "
        "and scored runs are made by snakemake: see README.md.",
        epilog="`partparse COMMAND --help` explains a command. Exit status: 0 all is well, 1 "
        "faults were found (one a line), 2 wrong use.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    args = build_parser().parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names may hold what a terminal can't
    if sys.stderr.isatty():  # somebody waits, and is told how far it is
        logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        return int(args.command(args))
    except BrokenPipeError:  # `| head` has seen enough
        sys.stdout = None  # type: ignore[assignment]  # nor is it flushed at the end
        return 1
    except (InputError, OSError) as error:  # a full disk, a folder that may not be written
        print(f"error: {one_line(str(error))}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
