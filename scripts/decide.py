from pathlib import Path

from partparse import tables
from partparse.decision.cross_fit import decide_by_fold
from partparse.decision.inputs import ShardTables
from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.decision.settings import DecisionSettings
from partparse.errors import InputError
from partparse.files.array_files import read_arrays
from partparse.files.csv_tables import write_csv
from partparse.running.command_line import program


def read_model(folder: Path, fold: str) -> DecisionModel:
    """The decision that was fitted without a fold, or on all of val."""
    path = folder / f"{fold}.npz"
    if not path.is_file():
        raise InputError(
            f"{path}: all val videos are in fold {fold}, so that none is left to fit the decision "
            "on: raise dataset.val_share"
        )
    return read_arrays(DecisionModel, path)


@program
def decide(
    *,
    manifest: ShardTables,
    model: Path,
    split: str,
    folds: int,
    settings: DecisionSettings,
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
        lambda fold: read_model(model, fold),
        statistics,
        settings,
        split=split,
        folds=folds,
    )
    tables.write(decision.parses, parses_out, tables.PARSES)
    tables.write(decision.actions, actions_out, tables.ACTIONS)
    tables.write(decision.probabilities, probabilities_out, tables.ACTIONS)
    write_csv(decision.expected, expected_out)
