"""Mutations of JSON documents and files, each decided by its generator of random numbers alone."""

import copy
import json
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from types import FrameType
from typing import Any

Node = tuple[Any, Any]
"""A container and the key or place of one of its entries."""

ODD: list[Any] = [
    *(None, True, False, 0, -1, 1, 0.5, -7.25, 2**15, 2**31, 2**63, -(2**64), 10**30, 1e308),
    *(float("nan"), float("inf"), float("-inf")),
    *("", "head", "a/../b", "\0", "a\nb", "\x1b[31m", "\u202e\U0001f600", "x" * 5000, "\ud800"),
    *([], {}, [[]], [1, 2, 3, 4], [[1, 2, 3, 4]], {"": 0}, {"box": 1}, [None] * 50),
]
"""Values that a reader may not have thought of."""

ODD_TEXT = [
    *("1e999", "-1e999", "NaN", "9" * 5000, "1" * 400, "-0", "0.1e-9999", "1.", "01"),
    *("[" * 3000, '{"a":' * 3000, "[" * 700 + "]" * 700, "[" * 990 + "]" * 990),
    *('"\\ud800"', '"\\u0000"', "'x'", "", ",", "/**/", "\ufeff", "tru", '{"humans": []'),
]
"""Pieces of a document that json.dumps never writes."""


def nodes(value: Any) -> list[Node]:
    """Every entry of every container within `value`."""
    found: list[Node] = []
    waiting = [value]
    while waiting:
        here = waiting.pop()
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        for key in keys:
            found.append((here, key))
            if isinstance(here[key], dict | list):
                waiting.append(here[key])
    return found


def mutate(value: Any, rng: Random) -> Any:
    """A copy of a JSON value with one to three entries deleted, replaced, doubled or renamed."""
    value = copy.deepcopy(value)
    for _ in range(rng.choice([1, 1, 2, 3])):
        if not (found := nodes(value)):
            break
        rng.choice(_CHANGES)(*rng.choice(found), rng)
    return value


def _delete(here: Any, key: Any, rng: Random) -> None:
    del here[key]


def _replace(here: Any, key: Any, rng: Random) -> None:
    here[key] = copy.deepcopy(rng.choice(ODD))


def _rename(here: Any, key: Any, rng: Random) -> None:
    if isinstance(here, dict):
        text = rng.choice([odd for odd in ODD if isinstance(odd, str)])
        here[text] = here.pop(key)
    else:
        here.append(here[key])


def _double(here: Any, key: Any, rng: Random) -> None:
    if isinstance(here, list):
        here[key:key] = [copy.deepcopy(here[key])] * rng.choice([1, 2, 40])
    else:
        here[key] = [here[key], here[key]]


def _nudge(here: Any, key: Any, rng: Random) -> None:
    if isinstance(here[key], int | float):
        here[key] = here[key] * rng.choice([-1, 0.5, 10, 1e6]) + rng.choice([0, 1, -1000])
    else:
        here[key] = str(here[key])


_CHANGES: list[Callable[[Any, Any, Random], None]] = [
    *(_delete, _replace, _replace, _rename, _double, _nudge)
]


def damage(value: Any, rng: Random) -> bytes:
    """A JSON value as a file: other entries, odd text, cut short, or with other bits."""
    how = rng.randrange(6)
    text = json.dumps(mutate(value, rng) if how > 2 else value)
    if how == 0:
        places = [match.span() for match in re.finditer(r"-?\d[\d.e+-]*|\"[^\"]*\"|null", text)]
        start, end = rng.choice(places or [(0, len(text))])
        text = text[:start] + rng.choice(ODD_TEXT) + text[end:]
    data = text.encode("utf-8", "surrogatepass")
    if how == 1:
        data = data[: rng.randrange(len(data) + 1)]
    elif how == 2:
        flipped = bytearray(data)
        for _ in range(rng.randrange(1, 6)):
            flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        data = bytes(flipped)
    return data


def damage_bytes(data: bytes, rng: Random) -> bytes:
    """A file with one to three changes: bits, a number, or a stretch of it."""
    found = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 3])):
        start = rng.randrange(len(found) + 1)
        end = min(start + rng.choice([1, 4, 30, 300]), len(found))
        how = rng.randrange(6)
        if how == 0:
            found[start:end] = bytes(value ^ 1 << rng.randrange(8) for value in found[start:end])
        elif how == 1:
            found[start : start + 4] = rng.choice(_NUMBERS)
        elif how == 2:
            del found[start:end]
        elif how == 3:
            found[start:start] = found[start:end] * rng.choice([1, 2, 20])
        elif how == 4:
            found[start:end] = rng.randbytes(end - start)
        else:
            del found[start:]
    return bytes(found)


_NUMBERS = [bytes(4), b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"\x00\x00\x00\x01"]
"""Counts and sizes that containers do not have."""


def damage_lines(text: str, rng: Random) -> bytes:
    """A list, one a line, some of whose lines are odd, doubled or gone; or its bytes damaged."""
    lines = text.splitlines()
    for _ in range(rng.choice([1, 1, 2, 5])):
        place = rng.randrange(len(lines) + 1)
        lines[place : place + rng.choice([0, 0, 1, 3])] = [
            rng.choice(
                [*_ODD_LINES, *lines, *(line.replace(",", rng.choice(" ;\t")) for line in lines)]
            )
            for _ in range(rng.choice([0, 1, 1, 2, 40]))
        ]
    data = rng.choice(["\n", "\n", "\r\n", "\r"]).join(lines).encode("utf-8", "surrogatepass")
    data = rng.choice([b"", b"", b"\xef\xbb\xbf"]) + data
    return damage_bytes(data, rng) if rng.random() < 0.3 else data


_ODD_LINES = [
    *("", " ", ",", ",,,", '"', '"a', "a,-1", "a,1e9", "a,99999999999999999999", "a,0", "8", ",8"),
    *("a,b,c,8", "../a,8", "/etc/passwd,8", "a\0b,8", "x" * 5000, "\u202eb,8", "\ud800,8", "a,８"),
    *("video,frames", "jump/t1 8 0", "t1.mp4;8", "head", "HEAD", "none", "t1,8,8"),
]


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TimeoutError where the block takes longer."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"not done within {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
