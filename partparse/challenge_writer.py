"""From tables to the challenge's two files, a video at a time.

The boxes of a prediction are rounded to a tenth of a pixel; those of the truth are written as
they stand in the table, so that files and tables score alike.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from partparse.boxes import round_pixels
from partparse.challenge import PREDICTION, actions_file, frame_name, parts_file
from partparse.files import atomic_path, write_json
from partparse.program import progress
from partparse.sampling import scored
from partparse.tables import BOX
from partparse.vocabulary import PERSON


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
    rows = dict(iter(persons.groupby("video", sort=False)))
    before = "{"
    videos = zip(lengths["video"], lengths["frames"], strict=True)
    for video, length in progress(videos, "videos written", len(lengths)):
        humans = _humans(kind, rows[video]) if video in rows else {}
        frames = (
            f'"{frame_name(number)}": {{"humans": [{", ".join(humans.get(number, ()))}]}}'
            for number in scored(length, stride).tolist()
        )
        yield f"{before}\n{json.dumps(video)}: {{{', '.join(frames)}}}"
        before = ","
    yield "{}\n" if lengths.empty else "\n}\n"


def _humans(kind: str, rows: pd.DataFrame) -> dict[int, list[str]]:
    """The humans of each frame of one video, as JSON."""
    rows = rows.sort_values(["frame", "person", "part"])
    persons: dict[tuple[int, int], str] = {}
    parts: dict[tuple[int, int], list[str]] = {}
    keys = zip(rows["frame"].tolist(), rows["person"].tolist(), strict=True)
    values = rows[BOX].to_numpy(float)
    boxes = (round_pixels(values) if kind == PREDICTION else values).tolist()
    # in a prediction, box and state are lists of one proposal
    form = '"{}": {{"name": "{}", "number": 1, "box": {}, "verb": {}}}'
    if kind == PREDICTION:
        form = '"{}": {{"name": "{}", "number": 1, "box": [{}], "verb": [{}]}}'
    for key, part, box, state in zip(keys, rows["part"], boxes, rows["state"], strict=True):
        if part == PERSON:
            persons[key] = str(box)
        else:
            parts.setdefault(key, []).append(form.format(part, part, box, json.dumps(state)))
    humans: dict[int, list[str]] = {}
    for (frame, person), box in persons.items():
        inside = ", ".join(parts.get((frame, person), ()))
        humans.setdefault(frame, []).append(
            f'{{"number": {person}, "box": {box}, "parts": {{{inside}}}}}'
        )
    return humans
