"""Tables as they are printed: plain text, 100 columns wide."""

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text


def plain_console() -> Console:
    """Where to print them; capture it for the text."""
    return Console(width=100, no_color=True, force_terminal=False)


def text_table(title: str, frame: pd.DataFrame) -> Table:
    """A table below its title; numbers to the right, four digits after the point."""
    table = Table(title=title, title_justify="left")
    for column in frame.columns:
        number = pd.api.types.is_numeric_dtype(frame[column])
        table.add_column(str(column), justify="right" if number else "left")
    for row in frame.itertuples(index=False):
        # plain text: in a string rich takes brackets for markup
        table.add_row(*(Text(_text(cell)) for cell in row))
    return table


def _text(cell: object) -> str:
    return f"{cell:.4f}" if isinstance(cell, float) else str(cell)
