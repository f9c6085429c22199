from pathlib import Path

from partparse import tables
from partparse.challenge.submission import submitted_lengths
from partparse.files.csv_tables import write_csv
from partparse.metric.oracle import oracle_ladder
from partparse.metric.rows import require_judged
from partparse.running.arguments import Actions, Annotations, Frames, Parses, Truth
from partparse.running.command_line import program


@program
def score_oracles(
    *,
    method: str,
    split: str,
    parses: Parses,
    actions: Actions,
    truth: Truth,
    annotations: Annotations,
    frames: Frames,
    stride: int,
    out: Path,
) -> None:
    """Score one method's parses with pieces of the ground truth swapped in.

    Args:
        out: CSV to write, a row a step of the ladder.
    """
    ladder = oracle_ladder(
        require_judged(truth, annotations, split),
        annotations,
        tables.predicted_action(actions),
        parses,
        submitted_lengths(frames.table),
        stride=stride,
    )
    ladder.insert(0, "method", method)
    ladder.insert(1, "split", split)
    write_csv(ladder, out)
