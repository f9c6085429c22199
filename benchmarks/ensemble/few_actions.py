"""What is made of several action models, with fewer and fewer videos to fit by.

    python -m benchmarks.ensemble.few_actions --run runs/demo_full
    python -m benchmarks.ensemble.few_actions --run runs/demo_full --videos 3 10 --draws 40

Of the test videos of a finished run some are drawn, again and again; by these the action models are
ranked, calibrated and pooled, and all other test videos are judged. The networks stay as they are.

Columns: drawn videos; on the others, means over the draws of the top-1 accuracy and log-loss (nats)
of the model that the drawn ones like best, calibrated, and of the pool of all (`decide`).
"""

import os
from pathlib import Path

import numpy as np

from benchmarks.ensemble.few_videos import Run
from benchmarks.printing import command_line, print_head, print_row
from partparse.boxes import Floats, Integers
from partparse.decision.action import POOL, SUBMITTED, fit_kind
from partparse.decision.evidence import LEAST, read_actions


def log_losses(said: Floats, truth: Integers) -> Floats:
    """(V,) -ln P(true action) of distributions (V, C)."""
    return -np.log(np.maximum(said[np.arange(len(truth)), truth], LEAST))


def judge(models: Floats, truth: Integers, drawn: Integers) -> dict[str, tuple[float, float]]:
    """Top-1 and log-loss of each way on the videos that are not drawn; models (A, V, C)."""
    rest = np.setdiff1d(np.arange(len(truth)), drawn)
    known, own = models[:, drawn], truth[drawn]
    alone = [
        log_losses(fit_kind(one[None], own, calibrate=True, kind=SUBMITTED).predict(one[None]), own)
        for one in known
    ]
    order = np.argsort(np.sum(alone, axis=1), kind="stable")
    found = {}
    for kind in (SUBMITTED, POOL):
        fitted = fit_kind(known[order], own, calibrate=True, kind=kind)
        said = fitted.predict(models[order][:, rest])
        right = float((said.argmax(axis=1) == truth[rest]).mean())
        found[kind] = right, float(log_losses(said, truth[rest]).mean())
    return found


def main() -> None:
    """Draw, fit, judge, and print a row for each number of videos."""
    parser = command_line(__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of a finished run")
    parser.add_argument("--videos", type=int, nargs="+", default=[3, 6, 10, 17, 25])
    parser.add_argument("--draws", type=int, default=20, help="of each number of videos")
    args = parser.parse_args()
    os.chdir(args.run)
    run = Run.here()
    known = run.truth["test"].truth
    names = run.statistics.actions
    models = read_actions(run.actions["test"], known["video"].tolist(), names)
    truth = known["action"].map(list(names).index).to_numpy(np.int64)
    print_head("videos", "best: top-1", "pool: top-1", "best: log-loss", "pool: log-loss")
    for count in args.videos:
        rng = np.random.default_rng(count)
        drawn = [rng.choice(len(truth), count, replace=False) for _ in range(args.draws)]
        found = [judge(models, truth, one) for one in drawn]
        best, pool = (np.mean([each[kind] for each in found], axis=0) for kind in (SUBMITTED, POOL))
        print_row(count, *(f"{x:.3f}" for x in (best[0], pool[0], best[1], pool[1])))


if __name__ == "__main__":
    main()
