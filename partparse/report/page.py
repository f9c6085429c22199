"""Pages of the report that are HTML of our own: one look, names always escaped."""

from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

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
</style>
<h1>{{ title }}</h1>
{{ body }}
</html>
"""

_ENVIRONMENT = Environment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def render(title: str, template: str, **values: Any) -> str:
    """An HTML page of a Jinja2 template for its body; `values` are escaped in it."""
    body = Markup(_ENVIRONMENT.from_string(template).render(**values))
    return _ENVIRONMENT.from_string(_FRAME).render(title=title, body=body)
