"""What all programs here have in common: help that is their docstring, tables in Markdown."""

import argparse
from collections.abc import Iterable


def command_line(description: str | None) -> argparse.ArgumentParser:
    """A command line whose help is a module's docstring as it stands."""
    return argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def row(cells: Iterable[object]) -> str:
    """A line of a table."""
    return f"| {' | '.join(map(str, cells))} |"


def print_row(*cells: object) -> None:
    """A line of a table, as soon as it is known."""
    print(row(cells), flush=True)


def print_head(*columns: str, words: int = 1) -> None:
    """The first lines of a table; all columns but the first `words` are numbers."""
    print_row(*columns)
    print_row(*["---"] * words, *["---:"] * (len(columns) - words))
