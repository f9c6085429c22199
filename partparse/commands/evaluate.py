"""`partparse evaluate`: the challenge's score of a submission."""

import argparse
import os
from pathlib import Path

from partparse.commands.common import Commands


def add_parser(commands: Commands) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "evaluate",
        help="score a submission against ground truth",
        description="Print the challenge's score of a submission (docs/metric.md).",
    )
    parser.add_argument(
        "gt",
        type=Path,
        metavar="GT_DIR",
        help="folder with gt_vid_result.json, gt_part_result.json: make-gt writes them",
    )
    parser.add_argument(
        "pred",
        type=Path,
        metavar="PRED",
        help="folder or zip with pred_vid_result.json, pred_part_result.json",
    )
    parser.add_argument(
        "--per-video",
        type=Path,
        metavar="FILE.csv",
        help="also write a table: video, its part state correctness (psc), whether its action is "
        "right (correct)",
    )
    parser.add_argument(
        "--processes",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="that score a large submission at once (default: as many as the machine has cores)",
    )
    parser.set_defaults(command=_evaluate)


def _evaluate(args: argparse.Namespace) -> int:
    from partparse.files.csv_tables import write_csv
    from partparse.metric import evaluate_files

    result = evaluate_files(args.gt, args.pred, processes=max(args.processes, 1))
    print(f"score: {result.score:.6f}")
    if args.per_video:
        write_csv(result.videos, args.per_video)
    return 0
