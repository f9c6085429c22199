from pathlib import Path

from partparse.files.csv_tables import write_csv
from partparse.report.comparison import compare_ladder
from partparse.running.arguments import Csv
from partparse.running.command_line import program


@program
def compare_methods(*, scores: Csv, methods: list[str], references: list[str], out: Path) -> None:
    """Compare the methods of a ladder, video by video, to the one before and to references.

    Args:
        scores: Of the videos, by each method.
        methods: The steps of the ladder, lowest first.
    """
    write_csv(compare_ladder(scores.assign(run="this"), methods, references), out)
