"""Person and part detection against ultralytics' predict on one picture at a time, on one core.

    python -m benchmarks.detection.compare
    python -m benchmarks.detection.compare --small

YOLO11n as the demo has it, 192 pixels for frames and 160 for crops, random weights; JPEG files of
340 x 256 pixels. So that both sides do the same, two persons in each frame are given whose parts
are looked for. ultralytics sees frames and crops padded to the least rectangle, ours to squares.
"""

from benchmarks.measuring import GROWTH, Contest, Options, Row, Size, compare, main, run_side
from benchmarks.usage import make

DETECTION = Contest(
    work="person + part detection",
    reference="ultralytics predict, batch 1",
    goal=2,
    ours="benchmarks.detection.sides:detect_ours",
    theirs="benchmarks.detection.sides:detect_plainly",
    least="benchmarks.detection.sides:networks_alone",
    bound="the networks' forward passes, in batches",
)
VIDEOS = {True: 2, False: 8}
"""Of the least size, small or not."""
FRAMES = 50
"""Scored ones of a video: 10 s have 50 (every fifth of 250)."""


def measure(options: Options) -> list[Row]:
    """Rows of all sizes; small: of the least."""
    growth = GROWTH[:1] if options.small else GROWTH
    videos = VIDEOS[options.small]
    cache = options.folder / "frames"
    most = videos * growth[-1]
    make("pictures", cache, "--videos", most, "--frames", FRAMES, "--extracted")
    run_side("benchmarks.detection.sides:make_models", [cache])
    sizes = [
        Size(f"{count * FRAMES} frames", (cache, count, FRAMES, options.device))
        for count in (videos * times for times in growth)
    ]
    return compare(DETECTION, sizes, options.repeats)


if __name__ == "__main__":
    main(measure, __doc__, small=1)
