"""States of persons, all of a key frame in one pass, against a forward pass for each person.

    python -m benchmarks.instance.compare
    python -m benchmarks.instance.compare --small

The demo's person-context-person network with random weights, on one core; a video of 250 frames of
340 x 256 pixels, a key frame every fifth. Ten persons a frame are the challenge's most, three about
what the official data have.
"""

from dataclasses import replace

from benchmarks.measuring import GROWTH, Contest, Options, Row, Size, compare, main
from benchmarks.usage import make

STATES = Contest(
    work="instance-level states",
    reference="a forward pass a person",
    goal=None,
    ours="benchmarks.instance.sides:judge_ours",
    theirs="benchmarks.instance.sides:judge_plainly",
    least="benchmarks.instance.sides:backbone_alone",
    bound="the backbone once for each key frame",
)
HEAD = "context"
CASES = {True: ((10, 5, 10, GROWTH[:1]),), False: ((10, 5, 12, GROWTH), (3, None, 12, GROWTH))}
"""Small or not: persons a frame, the goal, key frames of the least size, its multiples."""


def measure(options: Options) -> list[Row]:
    """Rows of all numbers of persons and sizes."""
    cache = options.folder / "frames"
    make("pictures", cache, "--videos", 1, "--frames", 250, "--extracted")
    rows = []
    for persons, goal, frames, growth in CASES[options.small]:
        contest = replace(STATES, work=f"{STATES.work}, persons a frame: {persons}", goal=goal)
        sizes = [
            Size(f"{count} key frames", (cache, HEAD, count, persons, options.device))
            for count in (frames * times for times in growth)
        ]
        rows += compare(contest, sizes, options.repeats)
    return rows


if __name__ == "__main__":
    main(measure, __doc__, small=1)
