from pathlib import Path

from partparse import tables
from partparse.detection.measure import part_hits
from partparse.ensemble.part_choice import rank_detectors
from partparse.files.csv_tables import write_csv
from partparse.running.arguments import Annotations, Persons
from partparse.running.command_line import program
from partparse.running.program import progress


@program
def rank_parts(
    *,
    annotations: Annotations,
    persons: Persons,
    parts: dict[str, list[Path]],
    stride: int,
    folds: int,
    out: Path,
) -> None:
    """Rank the part detectors by the share of val's annotated parts that they hit.

    With cross-fitting.

    Args:
        persons: Persons that parts were found on.
        parts: Tables of val by each detector.
    """
    hits = {
        variant: part_hits(annotations, persons, tables.read_all(files, tables.PARTS_TABLE), stride)
        for variant, files in progress(parts.items(), "part detectors measured")
    }
    write_csv(rank_detectors(hits, folds), out)
