from pathlib import Path

from partparse import tables
from partparse.ensemble.choice import choose_methods, take_chosen
from partparse.files.csv_tables import write_csv
from partparse.running.arguments import Actions, Csv
from partparse.running.command_line import program


@program
def choose_by_category(
    *,
    parses: dict[str, Path],
    choice: Csv,
    actions: Actions,
    split: str,
    folds: int,
    parses_out: Path,
    chosen_out: Path,
) -> None:
    """For each video, take the parse of the method that is best for the video's predicted action.

    Args:
        parses: A shard's parses table of each method.
        chosen_out: CSV to write: what was chosen, and why.
    """
    given = {name: tables.read(path, tables.PARSES) for name, path in parses.items()}
    predicted = tables.predicted_action(actions).set_index("video")["action"]
    chosen = choose_methods(choice, predicted, split, folds, list(given))
    write_csv(chosen, chosen_out)
    taken = take_chosen(given, chosen.set_index("video")["method"])
    tables.write(taken, parses_out, tables.PARSES)
