"""Print all methods of a finished run as one Markdown table."""

import argparse
from pathlib import Path

from partparse.files.csv_tables import read_csv, read_csvs
from partparse.report.methods import as_markdown, methods_table
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, default=Path(), help="folder that the run was made in")
    args = parser.parse_args()
    results = args.run / "results"
    scores = read_csv(results / "scores.csv")
    rows = scores[["split", "method"]].itertuples(index=False)
    parts = read_csvs(results / "scores" / split / f"{method}_parts.csv" for split, method in rows)
    print(as_markdown(methods_table(scores, parts, results / "benchmarks")))


if __name__ == "__main__":
    run(main)
