from pathlib import Path

from partparse import tables
from partparse.ensemble.choice import take_best
from partparse.running.arguments import Csv
from partparse.running.command_line import program


@program
def choose_parts(
    *, parts: dict[str, Path], ranking: Csv, split: str, folds: int, out: Path
) -> None:
    """For each video, take the parts of the detector that is best on val.

    Args:
        parts: A shard's table of each detector.
        ranking: Of the detectors.
    """
    found = {name: tables.read(path, tables.PARTS_TABLE) for name, path in parts.items()}
    taken = take_best(found, ranking, "variant", split, folds)
    tables.write(taken, out, tables.PARTS_TABLE)
