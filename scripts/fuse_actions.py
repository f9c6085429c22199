from pathlib import Path

from partparse import tables
from partparse.recognition import fusion
from partparse.running.arguments import Job
from partparse.running.command_line import program
from partparse.running.prediction import Output, make_tables


@program
def fuse_actions(
    *, actions: dict[str, Path], weights: dict[str, float], job: Job, out: Path
) -> None:
    """Join a shard's actions of several models to one: their weighted mean.

    Args:
        actions: Actions table of each model.
        weights: Weight of each model.
    """
    members = {name: tables.read(path, tables.ACTIONS) for name, path in actions.items()}
    names = tables.probability_names(next(iter(members.values())))
    make_tables(
        lambda rows: [fusion.fuse_actions(rows, weights)],
        members,
        [Output(tables.ACTIONS, names)],
        [out],
        job,
    )
