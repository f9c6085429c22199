"""Voting, and the decision's states, against Python loops over persons.

    python -m benchmarks.ensemble.compare
    python -m benchmarks.ensemble.compare --small

Six methods, 52 scored frames of ten persons of ten parts in each video. What is read and gathered
before is not timed, but is in the peaks. The loops are given one video (voting: two), and their
seconds are multiplied. In full the largest size is a shard of the official test set, of 12; whole
programs over all of it are measured by `decision.py` and `scale.run`.
"""

from benchmarks.measuring import GROWTH, Contest, Options, Row, Size, compare, main
from benchmarks.usage import make

VOTE = Contest(
    work="voting, 6 methods",
    reference="loops over frames, persons, parts",
    goal=50,
    ours="benchmarks.ensemble.sides:vote_ours",
    theirs="benchmarks.ensemble.sides:vote_plainly",
    least="benchmarks.ensemble.sides:copy_rows",
    bound="numbers for the text, and one copy of all rows",
)
DECIDE = Contest(
    work="states decided: calibrated, pooled, smoothed",
    reference="loops over persons, parts, states",
    goal=50,
    ours="benchmarks.ensemble.sides:decide_ours",
    theirs="benchmarks.ensemble.sides:decide_plainly",
    least="benchmarks.ensemble.sides:copy_opinions",
    bound="one exp of all that the methods say",
)
LARGEST = {True: 4, False: 76}
"""Videos, small or not."""
SAMPLE = 2


def measure(options: Options) -> list[Row]:
    """Rows of both works and all sizes."""
    sizes = [LARGEST[options.small] * times // GROWTH[-1] for times in GROWTH]
    for videos in {SAMPLE, *sizes}:
        make("votes", options.folder / str(videos), videos)
    voted = [
        Size(
            f"{videos} videos",
            [options.folder / str(videos)],
            [options.folder / str(SAMPLE)],
            videos / SAMPLE,
        )
        for videos in sizes
    ]
    decided = [Size(f"{videos} videos", [videos], [1], videos) for videos in sizes]
    return [
        *compare(VOTE, voted, options.repeats),
        *compare(DECIDE, decided, options.repeats),
    ]


if __name__ == "__main__":
    main(measure, __doc__)
