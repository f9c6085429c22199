from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.decision.cross_fit import decide_by_fold
from partparse.decision.inputs import ShardTables
from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.files.array_files import read_arrays
from partparse.files.csv_tables import write_csv
from partparse.running.arguments import Job
from partparse.running.command_line import program
from partparse.running.prediction import Output, Rows, make


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
    job: Job,
) -> None:
    """Decide on a shard: its boxes, states and actions, and the score to expect.

    Args:
        manifest: The shard's tables.
        actions_out: Actions table to write: what is submitted.
        probabilities_out: Actions table to write: P(action) alone.
        expected_out: CSV to write, a row a video.
    """
    statistics = read_arrays(TrainingStatistics, model / "background.npz")

    def decide_on(rows: Rows) -> list[pd.DataFrame]:
        decision = decide_by_fold(
            manifest.gather(statistics, rows["videos"]["video"].tolist()),
            lambda fold: read_arrays(DecisionModel, model / f"{fold}.npz"),
            statistics,
            lambda name: tables.read(manifest.parses[name], tables.PARSES),
            split=split,
            folds=folds,
        )
        return [decision.parses, decision.actions, decision.probabilities, decision.expected]

    actions = Output(tables.ACTIONS, statistics.actions)
    outputs = [Output(tables.PARSES), actions, actions, Output(tables.EXPECTED)]
    *made, expected = make(
        decide_on, {"videos": pd.DataFrame({"video": manifest.videos()}, dtype="str")}, outputs, job
    )
    files = (parses_out, actions_out, probabilities_out)
    for table, output, file in zip(made, outputs[:-1], files, strict=True):
        tables.write(table, file, output.schema)
    write_csv(expected, expected_out)
