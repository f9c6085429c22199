"""`partparse make-gt`: a data set's annotations as the challenge's ground-truth files."""

import argparse
from pathlib import Path

from partparse.challenge.format import STRIDE
from partparse.commands.common import STRIDE_HELP, Commands, positive


def add_parser(commands: Commands) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "make-gt",
        help="write the ground-truth files that `evaluate` reads",
        description="Write gt_vid_result.json and gt_part_result.json from a data set's "
        "annotations: what `partparse evaluate` compares a submission with.",
    )
    parser.add_argument("root", type=Path, metavar="ROOT", help="folder of the data set")
    parser.add_argument("out", type=Path, metavar="OUT_DIR", help="folder to write them into")
    parser.add_argument(
        "--split", choices=["test", "train"], default="test", help="videos to take (default: test)"
    )
    parser.add_argument("--stride", type=positive, default=STRIDE, metavar="N", help=STRIDE_HELP)
    parser.set_defaults(command=_make_gt)


def _make_gt(args: argparse.Namespace) -> int:
    from partparse.metric.truth_files import write_truth

    count = write_truth(args.root, args.out, split=args.split, stride=args.stride)
    print(f"{args.out}: ground truth of {count} videos")
    return 0
