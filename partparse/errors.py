"""The one error that users are meant to see, and what a checker does with a fault."""

from collections.abc import Callable
from typing import NoReturn


class InputError(ValueError):
    """Something that was handed to partparse is wrong.

    The message is one line and names the file, the entry in it, and what was expected; the
    programs print it without a traceback and exit with status 1.
    """


Report = Callable[[str], object]
"""What a checker does with a fault: `refuse` stops at the first, `list.append` collects all."""


def refuse(fault: str) -> NoReturn:
    """Raise InputError with the fault as its message."""
    raise InputError(fault)
