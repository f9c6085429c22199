"""Clip reading for training against one Python process with OpenCV.

    python -m benchmarks.clips.compare
    python -m benchmarks.clips.compare --small

The demo's clips: 8 frames, read as JPEG files of 340 x 256 pixels, resized to 72 and warped to 64,
by as many processes as there are cores. A training that keeps frames in memory (`memory_mb`) reads
each once.
"""

import os
from dataclasses import replace

from benchmarks.measuring import GROWTH, Contest, Options, Row, Size, compare, main
from benchmarks.usage import make

CLIPS = Contest(
    work="clip reading",
    reference="OpenCV in one process",
    goal=None,
    ours="benchmarks.clips.sides:read_ours",
    theirs="benchmarks.clips.sides:read_plainly",
    least="benchmarks.clips.sides:decode_alone",
    bound="reading, decoding and resizing alone",
)
COUNT = {True: 400, False: 1000}
"""Clips of the least size, small or not."""
VIDEOS, FRAMES = 40, 50


def measure(options: Options) -> list[Row]:
    """Rows of all sizes; small: of the least."""
    cache = options.folder / "frames"
    make("pictures", cache, "--videos", VIDEOS, "--frames", FRAMES, "--extracted")
    cores = len(os.sched_getaffinity(0))
    contest = replace(CLIPS, work=f"{CLIPS.work}, processes: {cores}")
    rows = []
    for times in GROWTH[:1] if options.small else GROWTH:
        count = COUNT[options.small] * times
        size = Size(f"{count} clips", (cache, count, FRAMES, cores))
        [row] = compare(contest, [size], options.repeats)
        rate = f"{count / row.ours.seconds:.0f} clips a second"
        rows.append(replace(row, size=f"{size.name}, {rate}"))
    return rows


if __name__ == "__main__":
    main(measure, __doc__, small=1)
