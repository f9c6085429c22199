"""What carries the person parser: one thing of it changed at a time.

    python -m benchmarks.parser.ablation --out runs/ablation                 the embedded data set
    python -m benchmarks.parser.ablation --out runs/ablation --root SET      another one

The workflow runs with the parser alone, up to test's scores: it gives keypoints, parts, states and
the action, without its refit. Each variant of `--variants` then begins with what that run has made,
and makes anew what its settings change. A run that was stopped goes on when the command is given
again.

Columns, all of them of test: the PSC, that is the score if every action were right; its mean
difference to the whole parser's, with a 95 % bootstrap interval over test videos; the share of the
annotated parts that are found (IoU .3), of these with the right state; the keypoints found (PCK at
.1); the videos with the right action; the seconds of the training. Each is one training: what two
trainings of the same settings differ by is not in the interval.
"""

from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from benchmarks.checkout import run_workflow
from benchmarks.printing import command_line, print_head, print_row
from partparse.files.csv_tables import read_csv
from partparse.planning.config_files import merge
from partparse.planning.taking_over import take_over
from partparse.report.comparison import paired_differences
from partparse.report.methods import training_seconds

VARIANTS = Path(__file__).with_name("variants.yaml")
ALONE: dict[str, Any] = {
    "methods": {"actions": ["parser"], "states": ["parser"]},
    "parts": {"variants": ["parser"]},
    "pose": {"source": "parser"},
    "submission": {"parses": "parser", "refit": []},
}
WHOLE = "whole"
SCORES, FOUND = "results/scores/test/parser", "results/detection/test.csv"
COLUMNS = ("PSC", "difference", "parts found", "states right", "PCK", "actions right", "seconds")


def measure(name: str, folder: Path, whole: Path) -> list[str]:
    """The cells of a run's row; the difference is to the run in `whole`."""
    runs = {name: folder, WHOLE: whole}
    rows = [read_csv(run / f"{SCORES}.csv") for run in runs.values()]
    psc = pd.concat(
        table.assign(run="", method=run, value=table["psc"])
        for run, table in zip(runs, rows, strict=True)
    )
    compared = paired_differences(psc, [(name, WHOLE)]).iloc[0]
    parts = read_csv(folder / f"{SCORES}_parts.csv").set_index("part")
    measures = read_csv(folder / FOUND).set_index(["stage", "variant", "part", "measure"])
    found = measures["value"].to_dict()
    spread = f"{compared.difference:+.3f} [{compared.low:+.3f}, {compared.high:+.3f}]"
    shares = [
        found["parts", "parser", "all", "recall@0.3"],
        parts.loc["all", "state_given_box"],
        found["pose", "", "all", "PCK@0.1"],
        rows[0]["correct"].mean(),
    ]
    seconds = training_seconds(folder / "results/benchmarks", "parser")
    return [
        f"{compared.score:.3f}",
        "" if folder == whole else spread,
        *(f"{share:.3f}" for share in shares),
        f"{seconds:.0f}" if seconds else "",
    ]


def main() -> None:
    """Run the whole parser and its variants, and print a row for each."""
    parser = command_line(__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--root", type=Path, help="folder of a data set; default: the embedded one")
    parser.add_argument("--variants", type=Path, default=VARIANTS, help="YAML: {name: settings}")
    parser.add_argument("--configfile", type=Path, nargs="*", default=[], help="settings before it")
    args = parser.parse_args()
    out = args.out.resolve()
    data = {"dataset": {"root": str(args.root.resolve())}} if args.root else {}
    files = [path.resolve() for path in args.configfile]
    variants = yaml.safe_load(args.variants.read_text("utf-8"))
    print_head("variant", *COLUMNS)
    for name, changed in {WHOLE: {}, **variants}.items():
        folder = out / name.replace(" ", "_")
        if name != WHOLE and not folder.exists():
            take_over(out / WHOLE / "results", folder)
        own = merge(merge(ALONE, data), changed)
        run_workflow(folder, files, own, f"{SCORES}.csv", FOUND)
        print_row(name, *measure(name, folder, out / WHOLE))


if __name__ == "__main__":
    main()
