"""Tables that something cut short after they were written: a full quota, a copy that broke off.

Our own writer leaves a table whole or absent, so the times of files say nothing of such damage, and
a stage would find it hours later.
"""

import os
from pathlib import Path

_MAGIC = b"PAR1"
_LEAST = 12  # bytes: the magic at both ends, the length of the footer
_ASIDE = ".damaged"
PICTURES = {"frames": "frames/*.parquet", "flow": "flow/*.parquet", "demo": "demo.json"}
"""{folder below results whose folders hold pictures or videos: what tells of these, there}.

Up to millions of files, no tables among them; too many to be declared one by one.
"""


def set_aside(results: Path) -> list[Path]:
    """Move the tables below `results` that are not whole out of the way; return their paths.

    A table stays among those returned, in this run and later ones, until it is there again. Only
    the ends of a file are looked at, which is a matter of milliseconds for thousands. What killed
    jobs keep in hidden folders is moved as well, but is nothing that a rule makes.
    """
    missing = []
    for path in _tables(results):
        aside = path.with_name(path.name + _ASIDE)
        if path.exists() and not _is_whole(path):
            path.replace(aside)
        if path.exists():
            aside.unlink(missing_ok=True)
        elif not path.parent.name.startswith("."):
            missing.append(path)
    return sorted(missing)


def _tables(results: Path) -> set[Path]:
    """The tables below `results`, and those that were set aside."""
    found = set()
    for folder, below, names in os.walk(results):
        if Path(folder).parent == results and Path(folder).name in PICTURES:
            below.clear()
        tables = (name.removesuffix(_ASIDE) for name in names)
        found |= {Path(folder) / name for name in tables if name.endswith(".parquet")}
    return found


def _is_whole(path: Path) -> bool:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < _LEAST:
            return False
        head = file.read(len(_MAGIC))
        file.seek(-len(_MAGIC), os.SEEK_END)
        return head == file.read() == _MAGIC
