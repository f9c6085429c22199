"""Pages of the report that are HTML of our own: one look, names always escaped."""

from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

_FRAME = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{{ title }}</title>
<style>
  body { font-family: system-ui, sans-serif; margin: 1.5rem; color: #222; max-width: 90rem }
  table { border-collapse: collapse } td, th { padding: 2px 12px; text-align: left }
  tr:nth-child(even) { background: #f4f4f4 }
  img { max-width: 100% } figure { margin: 0 0 1rem } figcaption { color: #555 }
  section { border-top: 1px solid #ccc; margin-top: 1rem }
</style>
<h1>{{ title }}</h1>
{{ body }}
</html>
"""

_ENVIRONMENT = Environment(autoescape=True, undefined=StrictUndefined)


def render(title: str, template: str, **values: Any) -> str:
    """An HTML page of a Jinja2 template for its body; `values` are escaped in it."""
    body = Markup(_ENVIRONMENT.from_string(template).render(**values))
    return _ENVIRONMENT.from_string(_FRAME).render(title=title, body=body)
