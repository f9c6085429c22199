"""`partparse check-submission`: what keeps a submission from being scored in full."""

import argparse
from pathlib import Path

from partparse.challenge.format import STRIDE
from partparse.commands.common import STRIDE_HELP, Commands, positive, tell


def add_parser(commands: Commands) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "check-submission",
        help="list what keeps a submission from being scored in full",
        description="List the faults of a submission: what the challenge's evaluator would stop "
        "at, and what it would silently count as wrong.",
    )
    parser.add_argument("pred", type=Path, metavar="PRED", help="folder or zip to check")
    parser.add_argument(
        "--gt",
        type=Path,
        metavar="GT_DIR",
        help="ground truth whose videos and frames must be there (default: every video that "
        "either file names, and frames without gaps)",
    )
    parser.add_argument("--stride", type=positive, default=STRIDE, metavar="N", help=STRIDE_HELP)
    parser.set_defaults(command=_check_submission)


def _check_submission(args: argparse.Namespace) -> int:
    from partparse.challenge.format import TRUTH, read_results
    from partparse.challenge.submission import check_submission

    expected = None if args.gt is None else read_results(args.gt, TRUTH)
    faults = check_submission(args.pred, expected, args.stride)
    return tell(faults, f"{args.pred}: can be scored")
