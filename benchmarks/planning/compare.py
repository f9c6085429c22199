"""A dry run of the full recipe against a workflow with a job for each video and stage.

    python -m benchmarks.planning.compare
    python -m benchmarks.planning.compare --small

With --small the plain workflow has only as many videos as its column says, and its seconds are not
multiplied: the ratio is too small. What jobs themselves cost is measured by `scale.run workflow`.
"""

from benchmarks.measuring import GROWTH, Contest, Options, Row, Size, compare, main
from benchmarks.usage import make

VIDEOS = 4741
SAMPLE = 500
PLAIN = "a job a video and stage, 10 stages"


def measure(options: Options) -> list[Row]:
    """Rows of the official size, or of all sizes."""
    rows = []
    for times in (1,) if options.small else GROWTH:
        root = options.folder / str(times)
        make("dataset", root, "--times", times, "--annotated", 0)
        videos = SAMPLE if options.small else VIDEOS * times
        contest = Contest(
            work="dry run of the full recipe",
            reference=f"{PLAIN}, {videos} videos",
            goal=None,
            ours="benchmarks.planning.sides:plan_ours",
            theirs="benchmarks.planning.sides:plan_plainly",
            least="benchmarks.planning.sides:plan_one_rule",
            bound="a dry run of one rule",
        )
        size = Size(f"{VIDEOS * times} videos", [root, times], [root, videos])
        rows += compare(contest, [size], options.repeats)
    return rows


if __name__ == "__main__":
    main(measure, __doc__)
