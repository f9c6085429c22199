"""One table of all methods: scores, the accuracy of their states, and what they cost to train."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from partparse.report.times import job_times

_PATTERNS = ("train_{}.tsv", "train_*/{}.tsv", "train_*/{}/*.tsv", "fit_{}.tsv")


def training_seconds(benchmarks: Path, method: str) -> float:
    """Seconds of all jobs that fitted a method, 0 where none did.

    Args:
        benchmarks: the folder of a run's benchmark files, named STAGE.tsv or STAGE/….tsv.
        method: its name; the jobs are those of a stage of that name, or named so themselves.
    """
    found = {path for pattern in _PATTERNS for path in benchmarks.glob(pattern.format(method))}
    return sum(float(job_times(path)["s"]) for path in found)


def methods_table(scores: pd.DataFrame, parts: pd.DataFrame, benchmarks: Path) -> pd.DataFrame:
    """A row for each method, by its score on val.

    Args:
        scores: of `partparse.report.scores.summarise`.
        parts: a row for each (split, method, part), see `partparse.metric.summarise_parts`.
        benchmarks: folder of the run's benchmark files.

    Returns:
        method; the score on each split; for the last split the share of the parts whose box hits
        that have the right state, by part and over `all`; the seconds that fitting took.
    """
    splits = list(dict.fromkeys(scores["split"]))
    score = scores.pivot(index="method", columns="split", values="score")[splits]
    last = parts[parts["split"] == splits[-1]]
    accuracy = last.pivot(index="method", columns="part", values="state_given_box")
    order = ["all", *sorted(part for part in accuracy.columns if part != "all")]
    table = score.join(accuracy[order]).sort_values(splits[0])
    table["train_seconds"] = [training_seconds(benchmarks, str(name)) for name in table.index]
    return table.reset_index()


def as_markdown(table: pd.DataFrame) -> str:
    """The table for docs/: numbers below 1 with three digits, others whole."""
    lines = [list(map(str, table.columns)), ["---"] * table.shape[1]]
    lines += [list(map(_text, row)) for row in table.itertuples(index=False)]
    return "\n".join(_line(cells) for cells in lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(cell: object) -> str:
    if not isinstance(cell, float):
        return str(cell)
    if pd.isna(cell):
        return ""
    return f"{cell:.3f}" if abs(cell) <= 1 else f"{cell:.0f}"
