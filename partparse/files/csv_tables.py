"""Our own CSV tables, read back: names are text whatever they look like, all else is numbers.

pandas takes a video called `NA` or `null` for a missing value, and one called `007` for seven.
"""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from partparse.errors import InputError
from partparse.files.atomic import atomic_path

TEXT: frozenset[str] = frozenset(
    {
        "action",
        "better",
        "candidate",
        "chosen",
        "fold",
        "measure",
        "method",
        "model",
        "part",
        "predicted",
        "row",
        "split",
        "stage",
        "state",
        "step",
        "variant",
        "video",
        "what",
    }
)
"""The columns that hold names, or yes and no; an empty cell is the empty name."""


def read_csv(path: Path) -> pd.DataFrame:
    """Read a table that one of our programs wrote; an empty cell of numbers is NaN.

    Raises InputError where the file is absent or no table, or where a number is expected and
    something else found.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise InputError(f"{path}: no such table") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a readable CSV table: {error}") from None
    return table.assign(
        **{name: _numbers(table[name], path) for name in table.columns if name not in TEXT}
    )


def read_csvs(paths: Iterable[Path]) -> pd.DataFrame:
    """Read tables of the same columns as a single one, in the order of `paths`."""
    return pd.concat([read_csv(path) for path in paths], ignore_index=True)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table, without its index: whole or not at all."""
    with atomic_path(path) as temporary:
        table.to_csv(temporary, index=False)


def _numbers(column: pd.Series, path: Path) -> pd.Series:
    try:
        numbers = pd.to_numeric(column)
    except ValueError as error:
        raise InputError(f"{path}: column {column.name!r}: {error}; expected numbers") from None
    # a column without rows may be joined to one with: it must not make floats of whole numbers
    return numbers if len(numbers) else numbers.astype(int)
