"""What each stage of a run cost, from the benchmark files that Snakemake writes."""

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
