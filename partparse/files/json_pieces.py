"""A large JSON object a few members at a time, so that it is never in memory as a whole."""

import gc
import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson

_CUT = re.compile(rb'(\]\s{0,16}\}\s{0,16}\})\s{0,16},\s{0,16}(?="[^"]{1,300}"\s{0,16}:\s{0,16}\{)')
"""Where a member likely ends: two objects do, after a list, and an object with a key follows. In
the challenge's files that is between two videos. What is bounded, is so that no file is slow."""

_TAIL = 64 << 10  # bytes that are searched first: some frames' of a submission


def read_pieces(blocks: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The members of a JSON object, in order, a few in each dict.

    Args:
        blocks: the text's bytes, in pieces of any size.

    Raises:
        ValueError: where the text is no JSON object, or one that is not understood here: it was
            cut at a wrong place, or orjson does not take it (NaN, which Python's parser takes).
    """
    return map(orjson.loads, cut_pieces(blocks))


def cut_pieces(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The text of a JSON object as texts of objects with a few of its members each.

    They are right if all of them parse: JSON is read from left to right, so that what closes every
    bracket and string that it opened is whole, whatever follows. Where nothing can be cut, the
    text comes in one piece.
    """
    text, wanted = b"", 0
    is_open = False
    for block in blocks:
        text += block
        if len(text) < wanted:
            continue
        if not is_open:
            text, is_open = _open(text), True
        last = _last_cut(text)
        # where there is none, it is looked for again when there is twice as much
        wanted = 0 if last else 2 * len(text)
        if last:
            yield b"{" + text[: last.end(1)] + b"}"
            text = text[last.end() :]
    yield b"{" + text if is_open else text


def _last_cut(text: bytes) -> re.Match[bytes] | None:
    """Where the last whole member ends; it is looked for from the end, in ever longer pieces."""
    length = _TAIL
    while True:
        found = deque(_CUT.finditer(text, max(len(text) - length, 0)), maxlen=1)
        if found or length >= len(text):
            return found[0] if found else None
        length *= 4


def _open(text: bytes) -> bytes:
    """What follows the opening bracket."""
    text = text.lstrip()
    if not text.startswith(b"{"):
        raise ValueError("not an object")
    return text[1:]


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
