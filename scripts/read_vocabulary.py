from pathlib import Path

from partparse.dataset import lists
from partparse.running.command_line import program


@program
def read_vocabulary(*, root: Path, out: Path) -> None:
    """Write the names that a data set uses.

    Args:
        out: JSON to write: actions, parts, states, objects.
    """
    lists.read_vocabulary(root).write(out)
