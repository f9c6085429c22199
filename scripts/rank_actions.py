from pathlib import Path

from partparse import tables
from partparse.ensemble.action_choice import rank_models
from partparse.files.csv_tables import write_csv
from partparse.running.arguments import Truth
from partparse.running.command_line import program


@program
def rank_actions(*, actions: dict[str, list[Path]], truth: Truth, folds: int, out: Path) -> None:
    """Rank the action models by their log-loss on val, with cross-fitting.

    Args:
        actions: Tables of val by each model.
    """
    models = {name: tables.read_all(paths, tables.ACTIONS) for name, paths in actions.items()}
    write_csv(rank_models(models, truth, folds), out)
