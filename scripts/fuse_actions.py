from pathlib import Path

from partparse import tables
from partparse.recognition import fusion
from partparse.running.command_line import program


@program
def fuse_actions(*, actions: dict[str, Path], weights: dict[str, float], out: Path) -> None:
    """Join a shard's actions of several models to one: their weighted mean.

    Args:
        actions: Actions table of each model.
        weights: Weight of each model.
    """
    members = {name: tables.read(path, tables.ACTIONS) for name, path in actions.items()}
    tables.write(fusion.fuse_actions(members, weights), out, tables.ACTIONS)
