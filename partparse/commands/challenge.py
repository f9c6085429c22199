"""`partparse make-gt`, `check-submission` and `evaluate`: the files of the challenge."""

import os
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from partparse.challenge.format import STRIDE
from partparse.commands.common import Positive, tell

Stride = Annotated[Positive, Parameter(help="Step N between scored frames: 1, 1 + N, …")]


def make_gt(
    root: Path,
    out_dir: Path,
    /,
    *,
    split: Literal["test", "train"] = "test",
    stride: Stride = STRIDE,
) -> None:
    """Write the ground-truth files that `evaluate` reads.

    Write gt_vid_result.json and gt_part_result.json from a data set's annotations: what `partparse
    evaluate` compares a submission with.

    Args:
        root: Folder of the data set.
        out_dir: Folder to write them into.
        split: Videos to take.
    """
    from partparse.metric.truth_files import write_truth

    count = write_truth(root, out_dir, split=split, stride=stride)
    print(f"{out_dir}: ground truth of {count} videos")


def check_submission(pred: Path, /, *, gt: Path | None = None, stride: Stride = STRIDE) -> int:
    """List what keeps a submission from being scored in full.

    List the faults of a submission: what the challenge's evaluator would stop at, and what it would
    silently count as wrong.

    Args:
        pred: Folder or zip to check.
        gt: Folder of the ground truth whose videos and frames must be there. Without it: every
            video that either file names, and frames without gaps.
    """
    from partparse.challenge import submission
    from partparse.challenge.format import TRUTH, read_results

    expected = None if gt is None else read_results(gt, TRUTH)
    return tell(submission.check_submission(pred, expected, stride), f"{pred}: can be scored")


def evaluate(
    gt_dir: Path,
    pred: Path,
    /,
    *,
    per_video: Path | None = None,
    processes: int = os.cpu_count() or 1,
) -> None:
    """Score a submission against ground truth.

    Print the challenge's score of a submission (docs/metric.md).

    Args:
        gt_dir: Folder with gt_vid_result.json, gt_part_result.json: make-gt writes them.
        pred: Folder or zip with pred_vid_result.json, pred_part_result.json.
        per_video: Also write a table (CSV): video, its part state correctness (psc), whether its
            action is right (correct).
        processes: That score a large submission at once.
    """
    from partparse.files.csv_tables import write_csv
    from partparse.metric.result_files import evaluate_files

    result = evaluate_files(gt_dir, pred, processes=max(processes, 1))
    print(f"score: {result.score:.6f}")
    if per_video:
        write_csv(result.videos, per_video)
