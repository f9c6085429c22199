from pathlib import Path

from partparse.ensemble import choice
from partparse.files.csv_tables import write_csv
from partparse.running.arguments import Csv
from partparse.running.command_line import program


@program
def rank_methods(*, scores: Csv, folds: int, out: Path) -> None:
    """Rank methods by their mean PSC on val, for each action and over all, with cross-fitting.

    Args:
        scores: Of the videos of val, by each method.
    """
    write_csv(choice.rank_methods(scores, folds), out)
