"""From tables to the challenge's two files, some videos at a time.

The boxes of a prediction are rounded to a tenth of a pixel; those of the truth are written as
they stand in the table, so that files and tables score alike.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from partparse.challenge.format import actions_file, parts_file
from partparse.challenge.text import sort_rows, video_texts
from partparse.files.atomic import atomic_path, write_json
from partparse.running.program import progress
from partparse.sampling import scored

AT_ONCE = 16
"""Videos whose text is made together."""


def write_results(
    folder: Path,
    kind: str,
    actions: pd.DataFrame,
    persons: pd.DataFrame,
    lengths: pd.DataFrame,
    *,
    stride: int,
) -> list[Path]:
    """Write KIND_part_result.json and KIND_vid_result.json into `folder`; return their paths.

    Args:
        folder: created where it does not exist.
        kind: `challenge.TRUTH` or `challenge.PREDICTION`.
        actions: columns video, action; one row for each video of `lengths`.
        persons: ANNOTATIONS or PARSES table of these videos; each part's person has a row.
        lengths: columns video, frames: the videos to write, and how far their frames go.
        stride: frames 1, 1 + stride, … are written, with or without persons.
    """
    lengths = lengths.sort_values("video")
    chosen = actions.set_index("video")["action"]
    parts_path, actions_path = folder / parts_file(kind), folder / actions_file(kind)
    with atomic_path(parts_path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(_document(kind, persons, lengths, stride))
    write_json(actions_path, {video: chosen[video] for video in lengths["video"]})
    return [parts_path, actions_path]


def _document(
    kind: str, persons: pd.DataFrame, lengths: pd.DataFrame, stride: int
) -> Iterator[str]:
    before = "{"
    texts = _texts(kind, persons, lengths, stride)
    named = zip(lengths["video"], texts, strict=True)
    for video, text in progress(named, "videos written", len(lengths)):
        yield f"{before}\n{json.dumps(video)}: {text}"
        before = ","
    yield "{}\n" if lengths.empty else "\n}\n"


def _texts(kind: str, persons: pd.DataFrame, lengths: pd.DataFrame, stride: int) -> Iterator[str]:
    """The object of each video, some videos at a time."""
    persons, place = sort_rows(persons, lengths["video"].tolist())
    frames = [len(scored(length, stride)) for length in lengths["frames"]]
    for first in range(0, len(frames), AT_ONCE):
        last = min(first + AT_ONCE, len(frames))
        own = slice(*np.searchsorted(place, [first, last]))
        yield from video_texts(
            kind, persons.iloc[own], place[own] - first, frames[first:last], stride
        )
