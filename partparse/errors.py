"""The one error that users are meant to see, and what a checker does with a fault."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from typing import NoReturn

_LONGEST = 2000  # characters of a message
_LONGEST_NAME = 100  # characters that are compared to known names


class InputError(ValueError):
    """Something that was handed to partparse is wrong.

    The message is one line and names the file, the entry in it, and what was expected; the
    programs print it without a traceback and exit with status 1.
    """

    def __init__(self, message: str) -> None:
        """Take the message; what it quotes may hold anything, see `one_line`."""
        super().__init__(one_line(message))


Report = Callable[[str], object]
"""What a checker does with a fault: `refuse` stops at the first, `list.append` collects all."""


def refuse(fault: str) -> NoReturn:
    """Raise InputError with the fault as its message."""
    raise InputError(fault)


def one_line(message: str) -> str:
    """A message as it can be printed: names in it may hold line breaks or a terminal's codes."""
    if len(message) > _LONGEST:
        message = f"{message[:_LONGEST]}…"
    if message.isprintable():
        return message
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in message)


@cache  # the same fault may stand in every frame
def meant(name: str, names: tuple[str, ...]) -> str:
    """Which of `names` is probably meant by a wrong one, as it is put behind that in a message."""
    lower = {known.lower(): known for known in names}
    found = get_close_matches(name[:_LONGEST_NAME].lower(), lower, n=1, cutoff=0.7)
    return f" (is {lower[found[0]]!r} meant?)" if found else ""
