"""Annotation reading against json.load of each file, in one process each.

    python benchmarks/fast_reading.py
    python benchmarks/fast_reading.py --small

The files are those of `made_up_dataset.py`; they come from the system's cache. In full, the largest
size has 4 of the 48 shards of train (36,825 files): all 574,851 files cost so many times that.
"""

from measuring import GROWTH, Contest, Options, Row, Size, compare, main
from usage import make

READ = Contest(
    work="annotation reading",
    reference="json.load, loops that check, clip and make rows",
    goal=3,
    ours="reading_sides:read_ours",
    theirs="benchmarks.references.plain_reading:read_folders",
    least="reading_sides:parse_alone",
    bound="opening, reading and orjson alone",
)
FILES = {True: 1200, False: 9200}
"""Of the least size, small or not."""


def measure(options: Options) -> list[Row]:
    """Rows of all sizes."""
    root = options.folder / "data"
    make("made_up_dataset", root, "--annotated", 1 if options.small else 4)
    files = FILES[options.small]
    sizes = [
        Size(f"{files * times} files", arguments, arguments)
        for times in GROWTH
        for arguments in [(root, files * times)]
    ]
    return compare(READ, sizes, options.repeats)


if __name__ == "__main__":
    main(measure, __doc__)
