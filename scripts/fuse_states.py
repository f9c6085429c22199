from pathlib import Path

from partparse import tables
from partparse.ensemble import fusion
from partparse.running.command_line import program


@program
def fuse_states(
    *, states: dict[str, Path], weights: dict[str, dict[str, float]], out: Path
) -> None:
    """Join a shard's states of several methods to one: a weighted mean in each part group.

    Args:
        states: States table of each method.
        weights: {method: {part group: weight}}.
    """
    members = {name: tables.read(path, tables.STATES) for name, path in states.items()}
    tables.write(fusion.fuse_states(members, weights), out, tables.STATES)
