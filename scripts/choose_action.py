from pathlib import Path

from partparse import tables
from partparse.ensemble.action_choice import take_best
from partparse.running.arguments import Csv
from partparse.running.command_line import program


@program
def choose_action(
    *, actions: dict[str, Path], ranking: Csv, split: str, folds: int, out: Path
) -> None:
    """For each video, take the action model that is best on val.

    Args:
        actions: A shard's table of each model.
        ranking: Of the models.
    """
    models = {name: tables.read(path, tables.ACTIONS) for name, path in actions.items()}
    tables.write(take_best(models, ranking, split, folds), out, tables.ACTIONS)
