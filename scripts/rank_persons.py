from pathlib import Path

from partparse import tables
from partparse.detection.measure import part_hits
from partparse.ensemble.part_choice import rank_detectors
from partparse.files.csv_tables import write_csv
from partparse.running.arguments import Annotations, Parts
from partparse.running.command_line import program
from partparse.running.program import progress


@program
def rank_persons(
    *,
    annotations: Annotations,
    parts: Parts,
    persons: dict[str, list[Path]],
    stride: int,
    folds: int,
    out: Path,
) -> None:
    """Rank where persons' boxes come from by the share of val's annotated parts that are hit.

    With cross-fitting.

    Args:
        parts: Parts of these persons, the same whichever box they have.
        persons: Tables of val with each one's boxes.
    """
    hits = {
        variant: part_hits(annotations, tables.read_all(files, tables.PERSONS), parts, stride)
        for variant, files in progress(persons.items(), "persons' boxes measured")
    }
    write_csv(rank_detectors(hits, folds), out)
