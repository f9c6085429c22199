from pathlib import Path

from partparse.report import figures
from partparse.running.arguments import Csv
from partparse.running.command_line import program


@program
def draw_steps(*, ladder: Csv, out: Path) -> None:
    """Draw what each step of the decision adds to the score.

    Args:
        ladder: Comparison of the steps (CSV).
    """
    figures.draw_steps(ladder, out)
