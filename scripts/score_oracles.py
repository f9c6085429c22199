from pathlib import Path

from partparse import tables
from partparse.challenge.submission import submitted_lengths
from partparse.files.csv_tables import write_csv
from partparse.metric import require_judged
from partparse.metric.oracle import oracle_ladder
from partparse.running.command_line import program


@program
def score_oracles(
    *,
    method: str,
    split: str,
    parses: list[Path],
    actions: list[Path],
    truth: list[Path],
    annotations: list[Path],
    frames: list[Path],
    stride: int,
    out: Path,
) -> None:
    """Score one method's parses with pieces of the ground truth swapped in.

    Args:
        out: CSV to write, a row a step of the ladder.
    """
    annotated = tables.read_all(annotations, tables.ANNOTATIONS)
    ladder = oracle_ladder(
        require_judged(tables.read_all(truth, tables.TRUTH), annotated, split),
        annotated,
        tables.predicted_action(tables.read_all(actions, tables.ACTIONS)),
        tables.read_all(parses, tables.PARSES),
        submitted_lengths(tables.read_all(frames, tables.FRAMES)),
        stride=stride,
    )
    ladder.insert(0, "method", method)
    ladder.insert(1, "split", split)
    write_csv(ladder, out)
