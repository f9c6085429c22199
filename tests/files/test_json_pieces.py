import json
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from partparse.files.json_pieces import read_pieces

LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.text(']},"\\: {ab', max_size=6)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("a]}", max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
FRAMES = st.dictionaries(st.sampled_from(["f", "g", '"']), VALUES, max_size=3)


def cut(text: str, size: int) -> list[bytes]:
    data = text.encode()
    return [data[start : start + size] for start in range(0, len(data), size)]


def joined(text: str, size: int) -> dict:
    found: dict = {}
    for piece in read_pieces(cut(text, size)):
        found |= piece
    return found


@given(
    st.dictionaries(st.text("ab]}{,", max_size=4), st.just({"f": {"h": []}}) | FRAMES, max_size=6),
    st.sampled_from([None, 1]),
    st.sampled_from([(", ", ": "), (",", ":"), (" ,\n", " : ")]),
    st.integers(1, 60),
)
@settings(max_examples=300, deadline=None)
def test_pieces_are_the_object_wherever_it_is_cut(value, indent, separators, size):
    text = json.dumps(value, indent=indent, separators=separators)
    try:
        found = joined(text, size)
    except ValueError:  # cut within a member, which shows
        event("refused")
        return
    assert found == value
    assert list(found) == list(value)


def test_videos_come_a_few_at_a_time():
    humans: list[Any] = [{"parts": {"head": {"verb": []}}}]
    video = {f"img_{n:05d}.json": {"humans": humans} for n in (1, 6)}
    value = dict.fromkeys(map(str, range(100)), video)
    pieces = list(read_pieces(cut(json.dumps(value), 1000)))
    assert len(pieces) > 10
    assert max(map(len, pieces)) < 20


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "3", "{", "}", "\ufeff{}"),
        *('{"a": 1', '{"a": 1}}', '{"a": 1},', '{"a": NaN}'),
        '{"a": {"b": {"c": []}}, }',
        '{"a": {"b": {"c": []}}, "d": {}',
        '{"a": {"b": {"c": [}}, "d": {}}',
    ],
)
@pytest.mark.parametrize("size", [1, 7, 100])
def test_what_is_no_object_is_refused(text, size):
    with pytest.raises(ValueError):
        list(read_pieces(cut(text, size)))
