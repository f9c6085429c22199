"""Part-level action parsing: persons, body parts, part states and actions from videos.

`partparse.Parser` applies a finished run to videos, see docs/parse.md.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load `Parser` when it is asked for: what imports a room does not want all of them."""
    if name == "Parser":
        return import_module("partparse.inference.parser").Parser
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
