"""`partparse parse`: a finished run applied to any video."""

import sys
from pathlib import Path

from partparse.commands.common import CORES, Positive
from partparse.errors import one_line


def parse(
    video: list[Path],
    /,
    *,
    run: Path,
    out: Path,
    stride: Positive | None = None,
    cores: Positive = CORES,
) -> int:
    """Apply a finished run to videos: JSON, table, annotated video.

    For each video, OUT/VIDEO.json says its action and in each parsed frame the persons, their parts
    and what state these are in; OUT/VIDEO.parquet is the same as a table, OUT/VIDEO.mp4 shows it.
    Nothing is trained, nothing in the run is changed. A call that was interrupted goes on where it
    was, and videos that are parsed already are passed over. See docs/parse.md.

    Args:
        video: Video files, folders of img_00001.jpg, …, or folders of videos.
        run: Folder `results` of the run.
        out: Folder to write the parses into.
        stride: Parse frames 1, 1 + N, …; a divisor of the run's stride, which it is by default.
        cores: How many to use.
    """
    from partparse.inference.parse import parse_videos

    faults: list[str] = []
    try:
        parse_videos(video, run, out, stride=stride, cores=cores, tell=print, report=faults.append)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on where it was", file=sys.stderr)
        return 130
    for fault in faults:
        print(f"error: {one_line(fault)}", file=sys.stderr)
    return 1 if faults else 0
