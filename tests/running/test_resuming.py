import pandas as pd
import pytest

from partparse import tables
from partparse.frames.settings import FrameSettings
from partparse.running.resuming import cache_key

TABLE = pd.DataFrame({"video": ["a", None], "frame": [1, 2], "x1": [0.5, 1.5]})
FACTS = {"version": 1, "settings": FrameSettings(jpeg_quality=90), "rows": TABLE}


def test_the_same_facts_have_the_same_key() -> None:
    copied = dict(reversed(FACTS.items())) | {"rows": TABLE.set_index(pd.Index([7, 8]))}
    assert cache_key(copied) == cache_key(FACTS)
    assert cache_key({"rows": tables.empty(tables.FRAMES)})


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"settings": FrameSettings(jpeg_quality=91)},
        {"rows": TABLE.assign(x1=[0.5, 1.25])},
        {"rows": TABLE.rename(columns={"x1": "x2"})},
        {"rows": TABLE.iloc[::-1]},
        {"rows": TABLE.iloc[:1]},
        {"more": None},
    ],
)
def test_a_change_changes_the_key(change: dict[str, object]) -> None:
    assert cache_key(FACTS | change) != cache_key(FACTS)
