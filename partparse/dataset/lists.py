"""The files in a data set's `list/`: names, one a line, and the frames of each video.

What the public description leaves open is accepted in every form: byte order mark, CRLF, blank
lines; flist with or without header, separated by comma, semicolon, tab or spaces, with names that
carry the suffix or the action's folder or neither.
"""

import csv
import re
from collections import Counter
from pathlib import Path

from partparse.dataset.layout import SUFFIXES, list_actions
from partparse.errors import InputError, Report, refuse
from partparse.files.atomic import read_bytes
from partparse.frames.names import MAX_FRAMES
from partparse.vocabulary import PARTS, Vocabulary

PART_LIST = "list/body_part.txt"
STATE_LIST = "list/part_stat.txt"
OBJECT_LIST = "list/object.txt"

_MAX_BYTES = 16 << 20  # of a list: the official ones have some 100 kB
_MAX_LINE = 1000  # characters
_DIGITS = 9  # of a number of frames


def read_vocabulary(root: Path, report: Report = refuse) -> Vocabulary:
    """The names that a data set uses: its lists, and its action folders.

    The list of objects may be missing. Raises InputError (or hands `report` the message and goes
    on) for another that is, for one that is empty or not UTF-8, a name that stands twice, and
    parts that are not the ten official ones.
    """
    parts = read_names(root / PART_LIST, report, "the ten parts")
    for found, wrong in (
        ("is none of the parts", sorted(set(parts) - set(PARTS))),
        ("is missing", sorted(set(PARTS) - set(parts)) if parts else []),
    ):
        if wrong:
            names = ", ".join(PARTS)
            report(f"{root / PART_LIST}: {wrong[0]!r} {found}; expected the ten parts {names}")
    objects = root / OBJECT_LIST
    return Vocabulary(
        actions=tuple(list_actions(root, report)),
        parts=PARTS,
        states=tuple(read_names(root / STATE_LIST, report, "your states")),
        objects=tuple(read_names(objects, report)) if objects.exists() else (),
    )


def read_names(path: Path, report: Report = refuse, what: str = "names") -> list[str]:
    """The names in a list, in its order; `what` they are. Faults as in `read_vocabulary`."""
    names = [name for _, name in _lines(path, report, f"{what}, one a line")]
    if repeated := sorted(name for name, times in Counter(names).items() if times > 1):
        report(f"{path}: {repeated[0]!r} stands there twice; expected each name once")
    if not names and path.is_file():
        report(f"{path}: no names in it; expected one a line")
    return list(dict.fromkeys(names))


def frame_list(root: Path, split: str) -> Path:
    """The file that lists the frames of the videos of a split; val belongs to train."""
    return root / f"list/video_{'test' if split == 'test' else 'train'}_flist.csv"


def read_frame_counts(path: Path, report: Report = refuse) -> dict[str, int]:
    """How many frames a flist gives each video id; none where there is no such file.

    Raises InputError (or reports and goes on) for a line that is not a name and a count, and a
    video that stands twice.
    """
    counts: dict[str, int] = {}
    if not path.exists():
        return counts
    lines = _lines(path, report, "a line 'video,frames' for each video")
    for line, (number, text) in enumerate(lines):
        fields = _fields(text)
        if len(fields) != 2 or not _is_count(fields[1]):
            if line > 0 or len(fields) != 2:  # else it is the header
                report(f"{path}: line {number}: {text!r}; expected a video's name and frames")
            continue
        name, count = fields
        video = video_id(name)
        if len(count) > _DIGITS or int(count) > MAX_FRAMES:
            report(f"{path}: line {number}: {text!r}; expected at most {MAX_FRAMES} frames")
            continue
        if video in counts:
            report(f"{path}: line {number}: the video {video!r} stands there twice")
        counts[video] = int(count)
    return counts


def _fields(text: str) -> list[str]:
    """The fields of a line, by the separator that it has: names may hold spaces."""
    separator = next((sign for sign in ",;\t" if sign in text), None)
    if separator is not None:
        found = next(csv.reader([text], delimiter=separator, skipinitialspace=True))
        *names, count = (field.strip("\"' ") for field in found)
        # a name may hold the separator without quotes; of columns of numbers nobody can say which
        # one counts the frames
        if len(names) > 1 and not any(map(_is_count, names)) and all(names):
            names = [text.rpartition(separator)[0].strip("\"' ")]
        return [*names, count]
    name, _, count = text.rpartition(" ")
    return [name.strip("\"' "), count] if name and not _is_count(name.split()[-1]) else [text]


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit()


def video_id(name: str) -> str:
    """The id of a video that is named by a path, with or without suffix and folder."""
    name = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    suffix = next((suffix for suffix in SUFFIXES if name.lower().endswith(suffix)), "")
    return name[: len(name) - len(suffix)]


def _lines(path: Path, report: Report, expected: str) -> list[tuple[int, str]]:
    """Lines that are not blank, stripped, with their numbers from 1."""
    try:
        text = read_bytes(path, _MAX_BYTES).decode("utf-8-sig")
    except InputError as error:
        report(f"{error}; expected {expected}")
        return []
    except UnicodeDecodeError as error:
        report(f"{path}: not a UTF-8 text file: {error}")
        return []
    split = re.split("\r\n|\n|\r", text)  # of other breaks names may be made
    lines = [(number, line.strip()) for number, line in enumerate(split, start=1)]
    for number, line in lines:
        if len(line) > _MAX_LINE:
            report(f"{path}: line {number}: expected at most {_MAX_LINE} characters")
    return [(number, line) for number, line in lines if 0 < len(line) <= _MAX_LINE]
