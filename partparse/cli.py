"""The command line: `partparse COMMAND …`.

Exit status: 0 all is well, 1 faults were found (one a line), 2 wrong use.
"""

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from partparse.challenge import STRIDE
from partparse.errors import InputError, one_line

# the commands import what they need themselves, so that --help is quick

STRIDE_HELP = f"step between scored frames: 1, 1 + N, … (default: the challenge's {STRIDE})"


def _evaluate(args: argparse.Namespace) -> int:
    from partparse import challenge
    from partparse.files import atomic_path
    from partparse.metric import evaluate

    truth = challenge.read_results(args.gt, challenge.TRUTH)
    predicted = challenge.read_results(args.pred, challenge.PREDICTION)
    result = evaluate(truth.actions, truth.frames, predicted.actions, predicted.frames)
    print(f"score: {result.score:.6f}")
    if args.per_video:
        with atomic_path(args.per_video) as path:
            result.videos.to_csv(path, index=False)
    return 0


def _check_submission(args: argparse.Namespace) -> int:
    from partparse.challenge import TRUTH, read_results
    from partparse.submission import check_submission

    expected = None if args.gt is None else read_results(args.gt, TRUTH)
    faults = check_submission(args.pred, expected, args.stride)
    return _tell(faults, f"{args.pred}: can be scored")


def _check_dataset(args: argparse.Namespace) -> int:
    from partparse.dataset_check import check_dataset

    return _tell(check_dataset(args.root), f"{args.root}: no faults")


def _make_gt(args: argparse.Namespace) -> int:
    from partparse.truth_files import write_truth

    count = write_truth(args.root, args.out, split=args.split, stride=args.stride)
    print(f"{args.out}: ground truth of {count} videos")
    return 0


def _tell(faults: Sequence[str], fine: str) -> int:
    print("\n".join(faults) if faults else fine)
    return 1 if faults else 0


def _stride(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text}: expected 1 or more")
    return value


def build_parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    parser = argparse.ArgumentParser(
        prog="partparse",
        description="Tools for the files of part-level action parsing (Kinetics-TPS).",
        epilog="Exit status: 0 all is well, 1 faults were found (one a line), 2 wrong use.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    evaluate = commands.add_parser(
        "evaluate",
        help="score a submission against ground truth",
        description="Print the challenge's score of a submission.",
    )
    evaluate.add_argument(
        "gt",
        type=Path,
        metavar="GT_DIR",
        help="folder with gt_vid_result.json, gt_part_result.json",
    )
    evaluate.add_argument(
        "pred",
        type=Path,
        metavar="PRED",
        help="folder or zip with pred_vid_result.json, pred_part_result.json",
    )
    evaluate.add_argument(
        "--per-video", type=Path, metavar="FILE.csv", help="also write video, psc, correct"
    )
    evaluate.set_defaults(command=_evaluate)

    check = commands.add_parser(
        "check-submission",
        help="list what keeps a submission from being scored in full",
        description="List the faults of a submission: what the challenge's evaluator would stop "
        "at, and what it would silently count as wrong.",
    )
    check.add_argument("pred", type=Path, metavar="PRED", help="folder or zip to check")
    check.add_argument(
        "--gt",
        type=Path,
        metavar="GT_DIR",
        help="ground truth whose videos and frames must be there (default: every video that "
        "either file names, and frames without gaps)",
    )
    check.add_argument("--stride", type=_stride, default=STRIDE, metavar="N", help=STRIDE_HELP)
    check.set_defaults(command=_check_submission)

    dataset = commands.add_parser(
        "check-dataset",
        help="list what is wrong in a data set",
        description="List the faults of a data set in the Kinetics-TPS layout.",
    )
    dataset.add_argument("root", type=Path, metavar="ROOT", help="folder of the data set")
    dataset.set_defaults(command=_check_dataset)

    truth = commands.add_parser(
        "make-gt",
        help="write the ground-truth files that `evaluate` reads",
        description="Write gt_vid_result.json and gt_part_result.json from a data set's "
        "annotations.",
    )
    truth.add_argument("root", type=Path, metavar="ROOT", help="folder of the data set")
    truth.add_argument("out", type=Path, metavar="OUT_DIR", help="folder to write them into")
    truth.add_argument(
        "--split", choices=["test", "train"], default="test", help="videos to take (default: test)"
    )
    truth.add_argument("--stride", type=_stride, default=STRIDE, metavar="N", help=STRIDE_HELP)
    truth.set_defaults(command=_make_gt)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    args = build_parser().parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names may hold what a terminal can't
    try:
        return int(args.command(args))
    except (InputError, OSError) as error:  # a full disk, a folder that may not be written
        print(f"error: {one_line(str(error))}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
