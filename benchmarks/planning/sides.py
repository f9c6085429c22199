"""Dry runs in `compare.py`: of the full recipe, of a plain workflow, of one rule."""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.made_up.dataset import Plan
from benchmarks.planning.plain import write_snakefile
from benchmarks.scale.workflow import plan_recipe
from benchmarks.side import Work

STAGES = 10
"""Jobs of each shard in the full recipe: its 734 jobs are those of 72 shards, and few others."""


def plan_ours(root: str, times: str) -> None:
    """The full recipe on a data set of so many times the official number of videos."""
    with tempfile.TemporaryDirectory() as folder:
        plan_recipe(Path(root), Path(folder), Plan(int(times)), whole=False)


def plan_plainly(root: str, videos: str) -> Work:
    """A job for each video and stage."""
    return dry_run(Path(root) / "plain", int(videos), STAGES)


def plan_one_rule(root: str, _: str) -> Work:
    """One job: what Snakemake takes to start."""
    return dry_run(Path(root) / "one_rule", 1, 1)


def dry_run(folder: Path, videos: int, stages: int) -> Work:
    """A dry run of a plain workflow, which is written before where it is not there."""
    if not folder.exists():
        write_snakefile(folder, videos, stages)
    command = [sys.executable, "-m", "snakemake", "-n", "--quiet", "rules"]
    command += ["--directory", str(folder)]

    def run() -> None:
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    return run
