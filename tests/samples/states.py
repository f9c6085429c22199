"""Small tables that the tests of the state methods share."""

from collections.abc import Sequence

import pandas as pd

from partparse import tables
from partparse.vocabulary import PARTS, Vocabulary

VOCABULARY = Vocabulary(("jump", "sit", "walk"), PARTS, ("none", "bend", "turn"), ())
VIDEOS = tables.VIDEOS.validate(
    pd.DataFrame(
        {
            "video": ["a", "b"],
            "split": "train",
            "action": ["jump", "sit"],
            "path": "x.mp4",
            "source": "1",
            "frames": 3,
            "width": 9,
            "height": 9,
            "fps": 10.0,
        }
    )
)


def annotations_table(rows: Sequence[tuple[str, int, str, str | None]]) -> pd.DataFrame:
    """ANNOTATIONS of (video, frame, part, state)."""
    table = pd.DataFrame(rows, columns=["video", "frame", "part", "state"])
    table = table.assign(person=1, x1=0, y1=0, x2=5, y2=5)
    return tables.ANNOTATIONS.validate(table)


def actions_table(**videos: list[float]) -> pd.DataFrame:
    """ACTIONS with the distribution of each named video."""
    columns = tables.probability_columns(VOCABULARY.actions)
    table = pd.DataFrame(list(videos.values()), columns=columns)
    table.insert(0, "video", pd.Series(list(videos), dtype=str))
    return tables.ACTIONS.validate(table)


def parts_table(rows: list[tuple[str, int, str]]) -> pd.DataFrame:
    """PARTS_TABLE of (video, frame, part)."""
    table = pd.DataFrame(rows, columns=["video", "frame", "part"])
    return tables.PARTS_TABLE.validate(table.assign(person=1, x1=0, y1=0, x2=5, y2=5, score=0.5))
