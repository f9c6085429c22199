"""Frame extraction against OpenCV's reader and imwrite in a loop, on the same cores.

    python -m benchmarks.extraction.compare
    python -m benchmarks.extraction.compare --small

Videos of 340 x 256 pixels, h264, of 10 s. The share of decoding within the limit:

    python -m benchmarks.made_up.pictures FOLDER --videos 16 --frames 250
    python -m benchmarks.side OUT.json benchmarks.extraction.sides:decode_alone FOLDER 16
    python -m benchmarks.side OUT.json benchmarks.extraction.sides:decode_and_encode FOLDER 16 95 1
"""

import os
from dataclasses import replace

from benchmarks.measuring import GROWTH, Contest, Options, Row, Size, compare, main
from benchmarks.usage import make

EXTRACTION = Contest(
    work="frame extraction",
    reference="OpenCV read and imwrite",
    goal=None,
    ours="benchmarks.extraction.sides:extract_ours",
    theirs="benchmarks.extraction.sides:extract_plainly",
    least="benchmarks.extraction.sides:decode_and_encode",
    bound="decoding and JPEG encoding alone",
)
QUALITY = 95
VIDEOS = {True: 4, False: 16}
"""Of the least size, small or not."""
FRAMES = 250
"""Of a video: the official ones have 10 s."""


def measure(options: Options) -> list[Row]:
    """Rows of all sizes on all cores and, in full, on one."""
    root, videos = options.folder / "videos", VIDEOS[options.small]
    most = videos * GROWTH[-1]
    make("pictures", root, "--videos", most, "--frames", FRAMES)
    rows = []
    every = (len(os.sched_getaffinity(0)), 1.5)
    for cores, goal in [every] if options.small else [every, (1, None)]:
        contest = replace(EXTRACTION, work=f"frame extraction, cores: {cores}", goal=goal)
        sizes = [
            Size(f"{count * FRAMES} frames", (root, count, QUALITY, cores))
            for count in (videos * times for times in GROWTH)
        ]
        rows += compare(contest, sizes, options.repeats)
    return rows


if __name__ == "__main__":
    main(measure, __doc__, small=1)
