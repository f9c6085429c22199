"""The files in a data set's `list/`: names, one a line, and the frames of each video.

What the public description leaves open is accepted in every form: byte order mark, CRLF, blank
lines; flist with or without header, separated by comma, semicolon, tab or spaces, with names that
carry the suffix or the action's folder or neither.
"""

import re
from pathlib import Path

from partparse.errors import Report, refuse
from partparse.layout import SUFFIXES, list_actions
from partparse.vocabulary import PARTS, Vocabulary

PART_LIST = "list/body_part.txt"
STATE_LIST = "list/part_stat.txt"
OBJECT_LIST = "list/object.txt"

_FIELDS = re.compile(r"(.+?)[,;\s]+([^,;\s]+)")


def read_vocabulary(root: Path, report: Report = refuse) -> Vocabulary:
    """The names that a data set uses: its lists, and its action folders.

    Raises InputError (or hands `report` the message and goes on) for a list that is missing,
    empty or not UTF-8, a name that stands twice, and parts that are not the ten official ones.
    """
    parts = read_names(root / PART_LIST, report)
    if parts and set(parts) != set(PARTS):
        wrong = sorted(set(parts) ^ set(PARTS))
        report(f"{root / PART_LIST}: {wrong[0]!r}; expected the ten parts {', '.join(PARTS)}")
    return Vocabulary(
        actions=tuple(list_actions(root, report)),
        parts=PARTS,
        states=tuple(read_names(root / STATE_LIST, report)),
        objects=tuple(read_names(root / OBJECT_LIST, report)),
    )


def read_names(path: Path, report: Report = refuse) -> list[str]:
    """The names in a list, in its order; faults as in `read_vocabulary`."""
    names = [name for _, name in _lines(path, report)]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        report(f"{path}: {repeated[0]!r} stands there twice; expected each name once")
    if not names and path.is_file():
        report(f"{path}: no names in it; expected one a line")
    return list(dict.fromkeys(names))


def frame_list(root: Path, split: str) -> Path:
    """The file that lists the frames of the videos of a split; val belongs to train."""
    return root / f"list/video_{'test' if split == 'test' else 'train'}_flist.csv"


def read_frame_counts(path: Path, report: Report = refuse) -> dict[str, int]:
    """How many frames a flist gives each video id.

    Raises InputError (or reports and goes on) for a missing file, a line that is not a name and a
    count, and a video that stands twice.
    """
    counts: dict[str, int] = {}
    for line, (number, text) in enumerate(_lines(path, report)):
        match = _FIELDS.fullmatch(text)
        name, count = (field.strip("\"' ") for field in match.groups()) if match else (text, "")
        if not (count.isascii() and count.isdigit()):
            if line > 0 or not match:  # else it is the header
                report(f"{path}: line {number}: {text!r}; expected a video's name and frames")
            continue
        video = _video_id(name)
        if video in counts:
            report(f"{path}: line {number}: the video {video!r} stands there twice")
        counts[video] = int(count)
    return counts


def _video_id(name: str) -> str:
    name = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    suffix = next((suffix for suffix in SUFFIXES if name.lower().endswith(suffix)), "")
    return name[: len(name) - len(suffix)]


def _lines(path: Path, report: Report) -> list[tuple[int, str]]:
    """Lines that are not blank, stripped, with their numbers from 1."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        report(f"{path}: no such file; expected the list that belongs to the data set")
        return []
    except (OSError, UnicodeDecodeError) as error:
        report(f"{path}: not a UTF-8 text file: {error}")
        return []
    lines = ((number, line.strip()) for number, line in enumerate(text.split("\n"), start=1))
    return [(number, line) for number, line in lines if line]
