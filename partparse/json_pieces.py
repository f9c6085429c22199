"""A large JSON object a few members at a time, so that it is never in memory as a whole."""

import gc
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson

_CUT = re.compile(rb'(\]\s{0,16}\}\s{0,16}\})\s{0,16},\s{0,16}(?="[^"]{1,300}"\s{0,16}:\s{0,16}\{)')
"""Where a member likely ends: two objects do, after a list, and an object with a key follows. In
the challenge's files that is between two videos. What is bounded, is so that no file is slow."""
_TRIES = 3
"""Cuts of a block that are tried, from the last one."""


def read_pieces(blocks: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The members of a JSON object, in order, a few in each dict.

    A cut is right where all before it parses: JSON is read from left to right, so that what closes
    every bracket and string that it opened is whole, whatever follows. An object that can't be cut
    comes in one piece.

    Args:
        blocks: the text's bytes, in pieces of any size.

    Raises:
        ValueError: where the text is no JSON object, or one that orjson does not take (it refuses
            NaN, which Python's parser takes): what is wrong, the caller must find out.
    """
    text, wanted = b"", 0
    is_open = False
    for block in blocks:
        text += block
        if len(text) < wanted:
            continue
        if not is_open:
            text, is_open = _open(text), True
        piece, text = _parse_most(text)
        if piece:
            yield piece
        # where nothing could be cut off, it is tried again when there is twice as much
        wanted = 2 * len(text) if not piece else 0
    yield orjson.loads(b"{" + text if is_open else text)


def _open(text: bytes) -> bytes:
    """What follows the opening bracket."""
    text = text.lstrip()
    if not text.startswith(b"{"):
        raise ValueError("not an object")
    return text[1:]


def _parse_most(text: bytes) -> tuple[dict[str, Any], bytes]:
    """The members up to a cut, none where there is no right one, and the rest of the text."""
    cuts = list(_CUT.finditer(text))
    for cut in cuts[: -_TRIES - 1 : -1]:
        try:
            return orjson.loads(b"{" + text[: cut.end(1)] + b"}"), text[cut.end() :]
        except ValueError:
            continue
    return {}, text


@contextmanager
def no_cycles() -> Iterator[None]:
    """A block that makes objects without cycles, as parsers do: Python need not look for such.

    Its collector otherwise looks at all that was parsed, again and again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
