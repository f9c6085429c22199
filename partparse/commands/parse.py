"""`partparse parse`: a finished run applied to any video."""

import signal
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from partparse.commands.common import Positive
from partparse.errors import one_line

Seconds = Annotated[float, Parameter(validator=Number(gte=0))]
Score = Annotated[float, Parameter(validator=Number(gte=0, lt=1))]


def parse(
    video: list[Path],
    /,
    *,
    run: Path,
    out: Path,
    every: Positive | None = None,
    score: Score | None = None,
    everyone: Annotated[bool, Parameter(name="--all", negative=())] = False,
    shortest: Seconds | None = None,
    device: str = "auto",
    jobs: Positive | None = None,
) -> int:
    """Apply a finished run to videos: JSON, tables, annotated video.

    For each video, OUT/VIDEO.json says its action and in each parsed frame the persons, their parts
    and what state these are in; OUT/VIDEO.parquet is the same as a table, OUT/VIDEO.timeline.csv
    says from when to when, and OUT/VIDEO.mp4 shows it.
    Nothing is trained, nothing in the run is changed. A call that was interrupted goes on where it
    was, and videos that are parsed already are passed over. See docs/parse.md.

    Args:
        video: Video files, folders of img_00001.jpg, …, or folders of videos.
        run: Folder `results` of the run.
        out: Folder to write the parses into.
        every: Parse frames 1, 1 + N, …; as in the run by default, 1 is every frame.
        score: Leave out persons below it; by default those that the run does not draw.
        everyone: Leave out nobody.
        shortest: Seconds that a span of the time line lasts at least; by default as in the run.
        device: cpu, cuda, cuda:N for one of several GPUs, or auto: a GPU where there is one.
        jobs: Videos parsed at a time, each by a process with models, and a GPU where there are any,
            of its own; by default one where there is a GPU, else as many as there are cores for, 4
            at most.
    """
    from partparse.inference.parse_folder import parse_videos

    faults: list[str] = []
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a KeyboardInterrupt, as Ctrl-C
    try:
        parse_videos(
            video,
            run,
            out,
            every=every,
            score=0.0 if everyone else score,
            shortest=shortest,
            device=device,
            jobs=jobs,
            tell=print,
            report=faults.append,
        )
    except KeyboardInterrupt:
        print("interrupted; the same command goes on where it was", file=sys.stderr)
        return 130
    for fault in faults:
        print(f"error: {one_line(fault)}", file=sys.stderr)
    return 1 if faults else 0
