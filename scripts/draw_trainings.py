from pathlib import Path

from partparse.report import curves
from partparse.running.command_line import program


@program
def draw_trainings(*, models: dict[str, Path], out: Path) -> None:
    """Draw how the trainings went.

    Args:
        models: Folder of each model.
    """
    curves.draw_trainings(models, out)
