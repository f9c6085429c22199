"""The look of our HTML pages, names always escaped, and of printed tables; the smallest page."""

from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from rich.console import Console
from rich.table import Table
from rich.text import Text

_FRAME = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
body { font: 15px/1.5 "DejaVu Sans", Verdana, sans-serif; color: #000; max-width: 70em;
  margin: 2em auto; padding: 0 1em; }
h2 { margin: 2em 0 .3em; border-bottom: 2px solid #0072B2; }
p { max-width: 48em; }
img { max-width: 100%; display: block; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; margin: .7em 0; }
th, td { padding: .15em .7em; text-align: left; border-bottom: 1px solid #ddd;
  vertical-align: top; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font-size: 12px; overflow-wrap: anywhere; }
figure { margin: 0 0 1em } figcaption { color: #555 }
section { border-top: 1px solid #ccc; margin-top: 1em }
{{ style }}
</style>
<h1>{{ title }}</h1>
{{ body }}
</html>
"""

_ENVIRONMENT = Environment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


_PROBLEMS = """
{% if rows %}
<p>{{ faulty }} of {{ videos }} videos. What decodes of a video was used; a stage that failed on one
went on as if it had found nothing in it.</p>
<table>
<tr><th>video</th><th>stage</th><th>reason</th></tr>
{% for row in rows %}
<tr><td>{{ row.video }}</td><td>{{ row.stage }}</td><td>{{ row.reason }}</td></tr>
{% endfor %}
</table>
{% else %}
<p>All {{ videos }} videos decoded whole and went through every stage.</p>
{% endif %}
"""


def render(title: str, template: str, *, style: str = "", **values: Any) -> str:
    """An HTML page of a Jinja2 template for its body; `values` are escaped in it.

    `style` is CSS of its own.
    """
    body = Markup(_ENVIRONMENT.from_string(template).render(**values))
    frame = _ENVIRONMENT.from_string(_FRAME)
    return frame.render(title=title, style=Markup(style), body=body)


def plain_text(*blocks: Table | str) -> str:
    """Tables and sentences below each other."""
    console = Console(width=100, no_color=True, force_terminal=False)
    with console.capture() as capture:
        for block in blocks:
            console.print(block)
    return capture.get()


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


def problems_page(problems: pd.DataFrame, videos: int) -> str:
    """The page of a PROBLEMS table; it needs no other file. `videos`: how many there are in all."""
    return render(
        "Videos with problems",
        _PROBLEMS,
        rows=problems.to_dict("records"),
        faulty=problems["video"].nunique(),
        videos=videos,
    )
