from pathlib import Path

from partparse.files.csv_tables import read_csv
from partparse.report import figures
from partparse.running.command_line import program


@program
def draw_steps(*, ladder: Path, out: Path) -> None:
    """Draw what each step of the decision adds to the score.

    Args:
        ladder: Comparison of the steps (CSV).
    """
    figures.draw_steps(read_csv(ladder), out)
