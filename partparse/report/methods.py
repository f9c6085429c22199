"""What each stage of a run cost, and one table of all methods: scores, accuracy, cost.

Costs are from the benchmark files that Snakemake writes.
"""

from pathlib import Path

import pandas as pd

from partparse.errors import InputError


def job_times(path: Path) -> pd.Series:
    """What Snakemake measured of a job when it last ran: s, cpu_time, max_rss, …"""
    return pd.read_csv(path, sep="\t", na_values=["-", "NA"]).iloc[-1]


def stage_times(folder: Path) -> pd.DataFrame:
    """Columns stage, jobs, seconds (wall, of all jobs together), cpu_seconds, peak_mb.

    Args:
        folder: results/benchmarks of a run: STAGE.tsv or STAGE/….tsv for each job.

    Raises:
        InputError: the folder holds no benchmark.
    """
    paths = sorted(folder.rglob("*.tsv"))
    if not paths:
        raise InputError(f"{folder}: no benchmark files; expected those of a run")
    rows = []
    for path in paths:
        job = job_times(path)
        stage = path.relative_to(folder).parts[0].removesuffix(".tsv")
        rows.append((stage, job["s"], job["cpu_time"], job["max_rss"]))
    jobs = pd.DataFrame(rows, columns=["stage", "seconds", "cpu_seconds", "peak_mb"])
    stages = jobs.groupby("stage", as_index=False).agg(
        jobs=("seconds", "size"),
        seconds=("seconds", "sum"),
        cpu_seconds=("cpu_seconds", "sum"),
        peak_mb=("peak_mb", "max"),
    )
    return stages.sort_values("seconds", ascending=False, ignore_index=True)


_PATTERNS = (
    "train_{}.tsv",
    "train_{}/*.tsv",  # its refit too
    "train_*/{}.tsv",
    "train_*/{}/*.tsv",
    "fit_{}.tsv",
)


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
        parts: a row for each (split, method, part), see `partparse.metric.psc.summarise_parts`.
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
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _text(cell: object) -> str:
    if not isinstance(cell, float):
        return str(cell)
    if pd.isna(cell):
        return ""
    return f"{cell:.3f}" if abs(cell) <= 1 else f"{cell:.0f}"
