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
