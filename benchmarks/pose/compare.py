"""Keypoints against mmpose's inference_topdown frame by frame, on one core.

    python -m benchmarks.pose.compare
    python -m benchmarks.pose.compare --small

The demo's narrow HRNet and, in full, HRNet-w32 of 256 x 192; random weights, no mirrored crops on
either side; JPEG files of 340 x 256 pixels.
"""

from dataclasses import replace

from benchmarks.measuring import GROWTH, Contest, Options, Row, Size, compare, main
from benchmarks.usage import make

POSE = Contest(
    work="pose",
    reference="mmpose inference_topdown",
    goal=3,
    ours="benchmarks.pose.sides:locate_ours",
    theirs="benchmarks.pose.sides:locate_plainly",
    least="benchmarks.pose.sides:network_alone",
    bound="the network's forward pass, in batches",
)
NARROW, W32 = "narrow", "td-hm_hrnet-w32_8xb64-210e_coco-256x192"
SMALL = ((NARROW, 1, 128, GROWTH[:1]),)
FULL = ((NARROW, 1, 250, GROWTH), (NARROW, 3, 250, GROWTH), (W32, 1, 16, GROWTH))
"""Network, persons a frame, frames of the least size, and its multiples."""


def measure(options: Options) -> list[Row]:
    """Rows of all networks, persons a frame and sizes."""
    cache = options.folder / "frames"
    make("pictures", cache, "--videos", 1, "--frames", 1000, "--extracted")
    rows = []
    for network, persons, frames, growth in SMALL if options.small else FULL:
        name = "HRNet narrow" if network == NARROW else "HRNet-w32"
        contest = replace(POSE, work=f"pose, {name}, persons a frame: {persons}")
        sizes = [
            Size(f"{count} frames", (cache, network, count, persons, options.device))
            for count in (frames * times for times in growth)
        ]
        rows += compare(contest, sizes, options.repeats)
    return rows


if __name__ == "__main__":
    main(measure, __doc__, small=1)
