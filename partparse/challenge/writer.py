"""From tables to the challenge's two files, some videos at a time.

The JSON text is built of whole columns: joins, and no loop a box.

The boxes of a prediction are rounded to a tenth of a pixel; those of the truth are written as
they stand in the table, so that files and tables score alike.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as arrow
from numpy.typing import NDArray
from pyarrow import compute

from partparse.boxes import Integers, round_pixels
from partparse.challenge.format import PREDICTION, actions_file, frame_name, parts_file
from partparse.files.atomic import atomic_path, write_json
from partparse.row_keys import FRAMES, codes, owners
from partparse.running.program import progress
from partparse.sampling import scored
from partparse.tables import BOX
from partparse.vocabulary import PARTS, PERSON

AT_ONCE = 16  # videos whose text is made together


Texts: TypeAlias = arrow.Array  # an array of strings
_NAMES = sorted([*PARTS, PERSON])


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


def sort_rows(persons: pd.DataFrame, videos: Sequence[str]) -> tuple[pd.DataFrame, Integers]:
    """An ANNOTATIONS or PARSES table by video, frame, person, part, and (rows,) video's position.

    Rows of videos that are not named are left out; the others have the order of the names.
    """
    video = codes(persons["video"], videos)
    if (video < 0).any():
        persons, video = persons[video >= 0], video[video >= 0]
    frame = video * FRAMES + persons["frame"].to_numpy(np.int64)
    inside = persons["person"].to_numpy(np.int64) * len(_NAMES) + codes(persons["part"], _NAMES)
    same = frame[1:] == frame[:-1]
    if ((frame[1:] < frame[:-1]) | (same & (inside[1:] < inside[:-1]))).any():
        order = np.lexsort((inside, frame))
        persons, video = persons.iloc[order], video[order]
    return persons, video


def video_texts(
    kind: str, rows: pd.DataFrame, video: Integers, frames: Sequence[int], stride: int
) -> list[str]:
    """The frames of each video as a JSON object.

    Args:
        kind: `challenge.TRUTH` or `challenge.PREDICTION`.
        rows: of the videos, sorted by `sort_rows`; those of frames that are not written are left
            out, as are parts whose person has no row.
        video: (rows,) the position of each row's video in `frames`.
        frames: how many frames of each video are written: 1, 1 + stride, …
        stride: of them.
    """
    count = np.asarray(frames, np.int64)
    step, odd = np.divmod(rows["frame"].to_numpy(np.int64) - 1, stride)
    written = (odd == 0) & (step < count[video])
    rows, slot = rows[written], (np.cumsum(count) - count)[video[written]] + step[written]
    humans, human_slot = _humans(kind, rows, slot)
    names = [f'"{frame_name(1 + stride * n)}": {{"humans": [' for n in range(count.max(initial=0))]
    places = np.concatenate([np.arange(number) for number in count]) if len(count) else count
    texts = _join(
        _take(names, places), _gather(humans, np.bincount(human_slot, minlength=count.sum())), "]}"
    )
    return _join("{", _gather(texts, count), "}").to_pylist()


def _humans(kind: str, rows: pd.DataFrame, slot: Integers) -> tuple[Texts, Integers]:
    """The persons' objects, in order, and each one's frame as a number in `slot` (rows,)."""
    person = rows["person"].to_numpy(np.int64)
    is_person = (rows["part"] == PERSON).to_numpy(bool)
    places, numbers = pd.factorize(person)
    own = np.flatnonzero(is_person)
    owner = owners(slot * max(len(numbers), 1) + places, own)
    parts = np.flatnonzero(~is_person & (owner >= 0))
    boxes = _boxes(kind, rows)
    inside = _gather(
        _parts(kind, rows.iloc[parts], boxes.take(arrow.array(parts))),
        np.bincount(owner[parts], minlength=len(own)),
    )
    heads = _take([f'{{"number": {number}, "box": [' for number in numbers.tolist()], places[own])
    boxed = boxes.take(arrow.array(own))
    return _join(heads, boxed, '], "parts": {', inside, "}}"), slot[own]


def _parts(kind: str, rows: pd.DataFrame, boxes: Texts) -> Texts:
    """Each part's key and object; in a prediction box and state are lists of one proposal."""
    left, right = ("[", "]") if kind == PREDICTION else ("", "")
    heads = [f'"{name}": {{"name": "{name}", "number": 1, "box": {left}[' for name in _NAMES]
    place, states = pd.factorize(rows["state"], use_na_sentinel=False)
    said = _take([json.dumps(None if pd.isna(s) else s) for s in states], place)
    middle, end = f']{right}, "verb": {left}', f"{right}}}"
    return _join(_take(heads, codes(rows["part"], _NAMES)), boxes, middle, said, end)


def _boxes(kind: str, rows: pd.DataFrame) -> Texts:
    """`x1, y1, x2, y2` of each row; a number is written as Python writes it."""
    values = rows[BOX].to_numpy(float)
    values = round_pixels(values) if kind == PREDICTION else values
    # by their bits, because 0.0 and -0.0 are written differently
    place, bits = pd.factorize(np.ascontiguousarray(values).view(np.int64).ravel())
    texts = arrow.array(list(map(str, bits.view(float).tolist())), arrow.string())
    sides = (texts.take(arrow.array(side)) for side in place.reshape(-1, 4).T)
    return compute.binary_join_element_wise(*sides, ", ")


def _take(texts: list[str], places: NDArray[Any]) -> Texts:
    return arrow.array(texts, arrow.string()).take(arrow.array(places))


def _join(*pieces: Texts | str) -> Texts:
    """Arrays and constants one after the other, row by row."""
    return compute.binary_join_element_wise(*pieces, "")


def _gather(texts: Texts, counts: Integers) -> Texts:
    """Texts to one for each of the counts, which takes so many, with commas between."""
    ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return compute.binary_join(arrow.ListArray.from_arrays(arrow.array(ends), texts), ", ")
