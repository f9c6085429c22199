"""The files of a parse: documents and tables for programs, a video and a page for people."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from partparse import tables
from partparse.augment import Picture
from partparse.files.atomic import write_text
from partparse.files.csv_tables import write_csv
from partparse.inference.annotated_video import draw_frames, write_video
from partparse.inference.moments import shown_times
from partparse.inference.parse import Parse
from partparse.inference.records import Shown, list_frames, make_head, write_record
from partparse.inference.timeline import add_up, trace_states
from partparse.inference.timeline_page import timeline_page
from partparse.tables import PERSON_KEY
from partparse.vocabulary import PERSON

JSON = ".json"
SUFFIXES = (
    *(JSON, ".parquet", ".keypoints.parquet", ".tracks.parquet"),
    *(".timeline.csv", ".exposure.csv", ".mp4", ".html"),
)
"""Of the files of a parse, which have the video's name; the first says that all are there."""


def write_parse(
    parse: Parse,
    folder: Path,
    shown: Shown,
    pictures: Iterable[Picture],
    *,
    video: Path | None = None,
    notes: Sequence[str] = (),
    run: Mapping[str, Any] | None = None,
) -> None:
    """Write all files of a parse into a folder, each atomically, the document last.

    Args:
        parse: of a video.
        folder: for the files.
        shown: who is in them.
        pictures: the video's frames, (H, W, 3) BGR.
        video: its file or folder. The annotated video has its sound, the document its place.
        notes: what has to be known before anything of it is believed.
        run: what the document says of the run that was applied, see `describe_run`.
    """
    parse = above(parse, shown.score)

    def file(suffix: str) -> Path:
        return folder / f"{parse.name}{suffix}"

    tables.write(parse.parses, file(".parquet"), tables.PARSED)
    tables.write(parse.keypoints, file(".keypoints.parquet"), tables.POSED)
    tables.write(parse.tracks, file(".tracks.parquet"), tables.TRACKS)
    timeline = trace_states(parse, shown.shortest)
    write_csv(_said(timeline, parse, ["start_s", "end_s"]), file(".timeline.csv"))
    write_csv(_said(add_up(timeline), parse, ["seconds"]), file(".exposure.csv"))
    drawn = draw_frames(parse, pictures, shown.persons)
    write_video(file(".mp4"), drawn, shown_times(parse), video)
    write_text(file(".html"), timeline_page(parse, timeline, notes))
    place = None if video is None else os.path.relpath(video, folder.resolve())
    write_record(file(JSON), make_head(parse, shown, run, place, notes), list_frames(parse))


def _said(table: pd.DataFrame, parse: Parse, seconds: list[str]) -> pd.DataFrame:
    """A table as it is written: to the microsecond, and no seconds where none are known."""
    rounded = table.round(dict.fromkeys(seconds, 6) | {"mean_probability": 4, "share": 4})
    return rounded.assign(**dict.fromkeys(seconds, np.nan)) if parse.untimed else rounded


def above(parse: Parse, score: float) -> Parse:
    """The parse without persons below a score, and without tracks that nobody is left of."""
    rows = parse.parses
    persons = rows[(rows["part"] == PERSON) & (rows["score"] >= score)]
    kept = persons[PERSON_KEY]
    return replace(
        parse,
        parses=rows.merge(kept, on=PERSON_KEY),
        keypoints=parse.keypoints.merge(kept, on=PERSON_KEY),
        tracks=parse.tracks[parse.tracks["track"].isin(persons["track"])],
    )
