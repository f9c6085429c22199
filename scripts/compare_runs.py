from pathlib import Path

import pandas as pd

from partparse.files.csv_tables import read_csvs, write_csv
from partparse.report.comparison import compare_ladder, ladder_markdown
from partparse.report.scores import SPLIT_ORDER
from partparse.running.command_line import program


def read_run(folder: Path, splits: tuple[str, ...], methods: list[str]) -> pd.DataFrame:
    """Scores by video of the methods; column run is the folder."""
    scores = folder / "results" / "scores"
    paths = [scores / split / f"{method}.csv" for split in splits for method in methods]
    return read_csvs(paths).assign(run=str(folder))


@program
def compare_runs(
    *,
    runs: list[Path],
    methods: list[str],
    references: list[str],
    splits: tuple[str, ...] = tuple(SPLIT_ORDER),
    out: Path | None = None,
) -> None:
    """Print how the methods of a ladder compare over the videos of one or several finished runs.

    Runs may differ in a seed or in their data; the figures are means over all videos of all runs.

    Args:
        runs: Their folders.
        methods: The steps of the ladder, lowest first.
        splits: To compare on.
        out: CSV to write as well: the table of compare_methods.py.
    """
    names = list(dict.fromkeys([*methods, *references]))
    videos = pd.concat([read_run(folder, splits, names) for folder in runs])
    ladder = compare_ladder(videos, methods, references)
    if out:
        write_csv(ladder, out)
    print(ladder_markdown(ladder))
