from pathlib import Path

from partparse.files.csv_tables import read_csv, read_csvs
from partparse.report.methods import as_markdown, methods_table
from partparse.running.command_line import program


@program
def print_methods(*, run: Path = Path()) -> None:
    """Print all methods of a finished run as one Markdown table."""
    results = run / "results"
    scores = read_csv(results / "scores.csv")
    rows = scores[["split", "method"]].itertuples(index=False)
    parts = read_csvs(results / "scores" / split / f"{method}_parts.csv" for split, method in rows)
    print(as_markdown(methods_table(scores, parts, results / "benchmarks")))
