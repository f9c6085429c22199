"""Annotation reading against json.load of each file in one process.

    python -m benchmarks.reading.compare
    python -m benchmarks.reading.compare --small

The files are those of `made_up/dataset.py`; they come from the system's cache. In full, the largest
size has 4 of the 48 shards of train (36,825 files): all 574,851 files cost so many times that. Ours
runs alone, and as in the workflow, which reads as many shards at once as there are cores.
"""

import os
from dataclasses import replace

from benchmarks.measuring import GROWTH, Contest, Options, Row, Size, compare, main
from benchmarks.usage import make

READ = Contest(
    work="annotation reading",
    reference="json.load, loops that check, clip and make rows",
    goal=3,
    ours="benchmarks.reading.sides:read_ours",
    theirs="benchmarks.reading.sides:read_plainly",
    least="benchmarks.reading.sides:parse_alone",
    bound="opening, reading and orjson alone",
)
FILES = {True: 1200, False: 9200}
"""Of the least size, small or not."""


def measure(options: Options) -> list[Row]:
    """Rows of all sizes."""
    root = options.folder / "data"
    make("dataset", root, "--annotated", 1 if options.small else 4)
    files = FILES[options.small]
    rows = []
    for shards in (1, len(os.sched_getaffinity(0))):
        contest = replace(READ, work=f"{READ.work}, shards at once: {shards}")
        sizes = [Size(f"{n} files", (root, n, shards)) for n in (files * by for by in GROWTH)]
        rows += compare(contest, sizes, options.repeats)
    return rows


if __name__ == "__main__":
    main(measure, __doc__)
