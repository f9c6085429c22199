"""What is submitted against the simplest things on hand, with fewer and fewer training videos.

    python -m benchmarks.ensemble.train_videos --root SET --out runs/curve --videos 10 20 40 80

Of the training videos of a data set in the official layout, those of a number are kept, the
smaller numbers within the larger ones and every action as often as it can be; its test videos are
kept whole. The workflow runs on each, with config.yaml and the data set alone, or with
`--configfile`. So both is learnt from few videos: the networks, and what val chooses among them. A
run that was stopped goes on when the command is given again.

Columns: training videos, val's among them; score of `decide` on test; its mean difference to each
single method, to the one that scores most on test, to the vote and to the choice by category, with
95 % bootstrap intervals over test videos. The best on test is known only afterwards: what loses no
more to it than luck explains, chose well.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.checkout import run_workflow
from benchmarks.printing import command_line, print_head, print_row
from benchmarks.subsets import link_subset
from partparse.dataset.layout import VideoFile, list_videos
from partparse.errors import refuse
from partparse.files.atomic import read_json
from partparse.files.csv_tables import read_csv
from partparse.planning.methods import Methods
from partparse.report.comparison import paired_differences

ENSEMBLES = ("vote", "by_category")


def keep(videos: list[VideoFile], count: int, seed: int) -> list[VideoFile]:
    """So many of the videos, in rounds of one an action; of a larger count, the first ones."""
    table = pd.DataFrame({"video": videos, "action": [one.action for one in videos]})
    drawn = table.iloc[np.random.default_rng(seed).permutation(len(table))]
    rounds = drawn.groupby("action").cumcount()
    return drawn.iloc[np.argsort(rounds, kind="stable")]["video"].tolist()[:count]


def make_subset(root: Path, out: Path, count: int, seed: int) -> None:
    """A data set with so many of the training videos of the one at `root`, and all of its test."""
    if out.exists():
        return
    videos = list_videos(root, refuse)
    train = keep([one for one in videos if one.split == "train"], count, seed)
    link_subset(root, out, [*train, *(one for one in videos if one.split == "test")])


def compare(folder: Path, methods: list[str]) -> pd.DataFrame:
    """`paired_differences` of decide to each of the methods, the best of them, and ensembles."""
    rows = pd.concat(
        read_csv(folder / "results/scores/test" / f"{name}.csv")
        for name in (*methods, *ENSEMBLES, "decide")
    ).assign(run="")
    alone = rows[rows["method"].isin(methods)].groupby("method")["value"].mean()
    best = rows[rows["method"] == alone.idxmax()].assign(method="best_on_test")
    names = [*methods, "best_on_test", *ENSEMBLES]
    return paired_differences(pd.concat([rows, best]), [("decide", name) for name in names])


def main() -> None:
    """Run, compare, and print a row for each number of videos."""
    parser = command_line(__doc__)
    parser.add_argument("--root", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--out", type=Path, required=True, help="folder of the subsets and runs")
    parser.add_argument("--videos", type=int, nargs="+", default=[10, 20, 40, 80])
    parser.add_argument("--configfile", type=Path, nargs="*", default=[], help="settings before it")
    parser.add_argument("--seed", type=int, default=0, help="of the videos that are kept")
    args = parser.parse_args()
    root, out = args.root.resolve(), args.out.resolve()
    configfiles = [path.resolve() for path in args.configfile]
    names: list[str] = []
    for count in args.videos:
        data, folder = out / f"data-{count}", out / f"run-{count}"
        make_subset(root, data, count, args.seed)
        run_workflow(folder, configfiles, {"dataset": {"root": str(data)}})
        methods = list(Methods(read_json(folder / "results/run.json")["config"]).states)
        compared = compare(folder, methods)
        if not names:
            names = compared["reference"].tolist()
            print_head("videos", "decide", *names)
        cells = [
            f"{c.difference:+.3f} [{c.low:+.3f}, {c.high:+.3f}]" for c in compared.itertuples()
        ]
        print_row(count, f"{compared['score'][0]:.3f}", *cells)


if __name__ == "__main__":
    main()
