from pathlib import Path

from partparse.ensemble import choice
from partparse.files.csv_tables import read_csvs, write_csv
from partparse.running.command_line import program


@program
def rank_methods(*, scores: list[Path], folds: int, out: Path) -> None:
    """Rank methods by their mean PSC on val, for each action and over all, with cross-fitting.

    Args:
        scores: Of the videos of val, by each method.
    """
    write_csv(choice.rank_methods(read_csvs(scores), folds), out)
