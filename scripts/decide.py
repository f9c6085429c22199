from pathlib import Path

from partparse import tables
from partparse.decision.cross_fit import decide_by_fold
from partparse.decision.inputs import ShardTables
from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.files.array_files import read_arrays
from partparse.files.csv_tables import write_csv
from partparse.running.command_line import program


@program
def decide(
    *,
    manifest: ShardTables,
    model: Path,
    split: str,
    folds: int,
    parses_out: Path,
    actions_out: Path,
    probabilities_out: Path,
    expected_out: Path,
) -> None:
    """Decide on a shard: its boxes, states and actions, and the score to expect.

    Args:
        manifest: The shard's tables.
        actions_out: Actions table to write: what is submitted.
        probabilities_out: Actions table to write: P(action) alone.
        expected_out: CSV to write, a row a video.
    """
    statistics = read_arrays(TrainingStatistics, model / "background.npz")
    decision = decide_by_fold(
        manifest.gather(statistics),
        lambda fold: read_arrays(DecisionModel, model / f"{fold}.npz"),
        statistics,
        lambda name: tables.read(manifest.parses[name], tables.PARSES),
        split=split,
        folds=folds,
    )
    tables.write(decision.parses, parses_out, tables.PARSES)
    tables.write(decision.actions, actions_out, tables.ACTIONS)
    tables.write(decision.probabilities, probabilities_out, tables.ACTIONS)
    write_csv(decision.expected, expected_out)
