"""The one error that users are meant to see; faults, and what a checker does with them."""

from collections.abc import Callable, Iterator, Sequence
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
        super().__init__(one_line(_first_said(message, type(self).__name__)))


class ManyFaultsError(InputError):
    """Several things that are wrong, which are told together.

    Attributes:
        lines: A message for each.
    """

    def __init__(self, lines: Sequence[str] | str) -> None:
        """Take their messages; a text is all of them, as other processes hand the error on."""
        super().__init__(lines if isinstance(lines, str) else "; ".join(lines))
        self.lines = [str(self)] if isinstance(lines, str) else [one_line(line) for line in lines]


class SetupError(InputError):
    """What is wrong is about no single video: a setting, a model, a file of the run that is gone.

    A stage never leaves out a video for it.
    """


class Fault(str):
    """What is wrong somewhere, in one line: `where: what; expected`.

    A message without these parts, `Fault.of` takes apart at its first colon and semicolon.

    Attributes:
        where: File and entry.
        what: Is wrong there.
        expected: Or what to do; may be empty.
        kind: What it shares with equal faults elsewhere; by default `what`.
    """

    def __new__(cls, where: object, what: str, expected: str = "", *, kind: str = "") -> "Fault":
        """Put the message together; what it quotes may hold anything, see `one_line`."""
        said = f"{where}: {what}; {expected}" if expected else f"{where}: {what}"
        fault = super().__new__(cls, one_line(said))
        fault.where, fault.what, fault.expected = str(where), what, expected
        fault.kind = kind or what
        return fault

    where: str
    what: str
    expected: str
    kind: str

    def __getnewargs_ex__(self) -> tuple[tuple[str, str, str], dict[str, str]]:
        """Processes hand faults on."""
        return (self.where, self.what, self.expected), {"kind": self.kind}

    @classmethod
    def of(cls, message: str) -> "Fault":
        """A message as a fault."""
        if isinstance(message, cls):
            return message
        where, _, said = message.partition(": ")
        what, _, expected = said.partition("; ")
        return cls(where, what, expected)


class FaultGroups:
    """Faults, those of a kind together: how many there are, and the first."""

    def __init__(self) -> None:
        """Begin without any."""
        self._found: dict[str, tuple[int, Fault]] = {}

    def add(self, fault: str) -> None:
        """Take one in."""
        new = Fault.of(fault)
        count, first = self._found.get(new.kind, (0, new))
        self._found[new.kind] = count + 1, first

    @property
    def count(self) -> int:
        """How many faults."""
        return sum(count for count, _ in self._found.values())

    def lines(self) -> Iterator[str]:
        """A line a kind, in the order in which they were met."""
        for kind, (count, first) in self._found.items():
            if count == 1:
                yield first
                continue
            what = "" if first.what == kind else f": {first.what}"
            expected = f"; {first.expected}" if first.expected else ""
            yield one_line(f"{count} × {kind}, first in {first.where}{what}{expected}")


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


def _first_said(message: str, kind: str) -> str:
    """What an error of this kind said where it was raised.

    torch raises what is raised in a process that loads data again, as the same kind of error, with
    that process's traceback as the message. Its last line has the first message.
    """
    if not message.startswith(f"Caught {kind} in DataLoader"):
        return message
    return message.rstrip().splitlines()[-1].partition(f"{kind}: ")[2]


@cache  # the same fault may stand in every frame
def meant(name: str, names: tuple[str, ...]) -> str:
    """Which of `names` is probably meant by a wrong one, as it is put behind that in a message."""
    lower = {known.lower(): known for known in names}
    found = get_close_matches(name[:_LONGEST_NAME].lower(), lower, n=1, cutoff=0.7)
    return f" (is {lower[found[0]]!r} meant?)" if found else ""
