from pathlib import Path

from partparse import tables
from partparse.ensemble.choice import take_best
from partparse.running.arguments import Csv
from partparse.running.command_line import program


@program
def choose_persons(
    *, persons: dict[str, Path], ranking: Csv, split: str, folds: int, out: Path
) -> None:
    """For each video, take persons in the boxes that are best on val.

    Args:
        persons: A shard's table with each one's boxes.
        ranking: Of the boxes.
    """
    found = {name: tables.read(path, tables.PERSONS) for name, path in persons.items()}
    taken = take_best(found, ranking, "variant", split, folds)
    tables.write(taken, out, tables.PERSONS)
