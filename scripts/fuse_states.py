from pathlib import Path

from partparse import tables
from partparse.ensemble import fusion
from partparse.running.arguments import Job
from partparse.running.command_line import program
from partparse.running.prediction import Output, make_tables


@program
def fuse_states(
    *, states: dict[str, Path], weights: dict[str, dict[str, float]], job: Job, out: Path
) -> None:
    """Join a shard's states of several methods to one: a weighted mean in each part group.

    Args:
        states: States table of each method.
        weights: {method: {part group: weight}}.
    """
    members = {name: tables.read(path, tables.STATES) for name, path in states.items()}
    names = tables.probability_names(next(iter(members.values())))
    make_tables(
        lambda rows: [fusion.fuse_states(rows, weights)],
        members,
        [Output(tables.STATES, names)],
        [out],
        job,
    )
