"""The command line: `partparse COMMAND …`.

Exit status: 0 all is well, 1 faults were found (one a line), 2 wrong use.
"""

import importlib.metadata
import io
import logging
import sys
from collections.abc import Callable, Sequence

from cyclopts import App, CycloptsError, Parameter

from partparse.commands.challenge import check_submission, evaluate, make_gt
from partparse.commands.data_set import check_dataset, make_lists, stats
from partparse.commands.exchange import export, import_
from partparse.commands.parse import parse
from partparse.commands.runs import compare, take_over
from partparse.commands.weights import weights
from partparse.errors import InputError, one_line
from partparse.running.failures import hush_libraries

app = App(
    "partparse",
    help="Tools for the files of part-level action parsing (Kinetics-TPS). Training and scored "
    "runs are made by snakemake: see README.md.",
    help_epilogue="`partparse COMMAND --help` explains a command. Exit status: 0 all is well, 1 "
    "faults were found (one a line), 2 wrong use.",
    help_format="markdown",
    help_formatter="plain",
    version=lambda: importlib.metadata.version("partparse"),
    default_parameter=Parameter(json_list=False),  # a path may look like one
    result_action="return_value",
)
commands: list[Callable[..., int | None]]
commands = [
    *(check_dataset, make_lists, stats, export, import_),
    *(make_gt, check_submission, evaluate, compare, take_over, parse, weights),
]
for place, command in enumerate(commands):
    app.command(command, sort_key=place)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    words = sys.argv[1:] if argv is None else argv
    hush_libraries()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names may hold what a terminal can't
    if sys.stderr.isatty():  # somebody waits, and is told how far it is
        logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    if not words:
        app.help_print(words, console=app.error_console)
        raise SystemExit(2)
    try:
        return app(words, print_error=False, exit_on_error=False) or 0
    except CycloptsError as error:
        usage = " ".join(["partparse", *(error.command_chain or ()), "--help"])
        said = " ".join(str(error).split()).removesuffix(".")
        print(f"error: {one_line(said)}; usage: {usage}", file=sys.stderr)
        raise SystemExit(2) from None
    except BrokenPipeError:  # `| head` has seen enough
        sys.stdout = None  # type: ignore[assignment]  # nor is it flushed at the end
        return 1
    except (InputError, OSError) as error:  # a full disk, a folder that may not be written
        print(f"error: {one_line(str(error))}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
