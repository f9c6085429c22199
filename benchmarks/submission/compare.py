"""A submission scored from its files and from tables, and written, against plain versions.

    python -m benchmarks.submission.compare
    python -m benchmarks.submission.compare --small

Submissions have ten persons of ten parts in 52 frames of each video (`made_up/submission.py`); the
largest has all 932 videos of the official test set. All files come from the system's cache.
"""

from pathlib import Path

from benchmarks.measuring import GROWTH, Contest, Options, Row, Size, compare, main
from benchmarks.usage import make

PLAIN = "json.load, then box by box"
SCORE_FILES = Contest(
    work="score a submission's files (`partparse evaluate`)",
    reference=PLAIN,
    goal=10,
    ours="benchmarks.submission.sides:score_files",
    theirs="benchmarks.submission.plain_scoring:score_files",
    least="benchmarks.submission.sides:parse_files",
    bound="orjson of the same bytes, in pieces",
)
SCORE_TABLES = Contest(
    work="score it from tables (`score_parses.py`)",
    reference=PLAIN,
    goal=50,
    ours="benchmarks.submission.sides:score_tables",
    theirs="benchmarks.submission.plain_scoring:score_files",
    least="benchmarks.submission.sides:read_tables",
    bound="reading the Parquet alone",
)
WRITE = Contest(
    work="write a submission's JSON from tables",
    reference="loops to dicts, json.dump",
    goal=5,
    ours="benchmarks.submission.sides:write_files",
    theirs="benchmarks.submission.plain_writing:write_files",
    least="benchmarks.submission.sides:copy_file",
    bound="reading the Parquet, writing the same bytes",
)
LARGEST = {True: 24, False: 932}
"""Videos, small or not."""


def measure(options: Options) -> list[Row]:
    """Rows of all works and sizes."""
    scored, from_tables, written = [], [], []
    for times in GROWTH:
        videos = LARGEST[options.small] * times // GROWTH[-1]
        folder = options.folder / str(videos)
        make("submission", folder, videos)
        files, name = folder / "files", describe(videos, folder / "files")
        scored.append(Size(name, [files]))
        from_tables.append(Size(name, [folder], [files]))
        out = folder / "written"
        written.append(Size(name, [folder, out], [folder, folder / "written.json"]))
    works = ((SCORE_FILES, scored), (SCORE_TABLES, from_tables), (WRITE, written))
    return [row for work, sizes in works for row in compare(work, sizes, options.repeats)]


def describe(videos: int, files: Path) -> str:
    """How much it is."""
    size = (files / "pred_part_result.json").stat().st_size
    return f"{videos} videos, {size / 1e6:.0f} MB"


if __name__ == "__main__":
    main(measure, __doc__)
