"""What a run does with videos: the programs of its stages, in their order, as its rules have them.

The rules alone say which program makes which table from what: Snakemake is asked for the jobs that
it would run on a data set of a single video, and runs none of them. So a method, whatever it needs,
is known here by its rules.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partparse.errors import InputError
from partparse.files.atomic import read_json, write_json
from partparse.inference.run_folder import Run, fitted_files

CHECKOUT = Path(__file__).resolve().parents[2]
SHARD = "test-000"
VIDEOS = Path(f"results/dataset/videos/{SHARD}.parquet")
FRAMES = Path(f"results/frames/{SHARD}.parquet")
TIMES = Path(f"results/times/{SHARD}.parquet")
GIVEN = (VIDEOS, FRAMES, TIMES)
"""What the first stages make of a data set: here it is made of a video in hand."""

CONFIG = "config.json"
DATA = "videos"
TARGET = f"results/parsed/{SHARD}"
"""In the folder of `lay_out`: the settings, the data set, and what is asked for."""


@dataclass(frozen=True)
class Step:
    """A job of a stage: a program, and what it is called with."""

    program: Path
    words: tuple[str, ...]
    outputs: tuple[Path, ...]  # relative to the folder of a run, as all that it names


def plan_steps(run: Run, stride: int) -> list[Step]:
    """The jobs that lead from `GIVEN` to the parse of a video, each after those that it needs.

    The last one is `write_parsed`. Raises InputError where the workflow can't be planned, because a
    model is missing for instance.
    """
    snakefile = CHECKOUT / "Snakefile"
    if not snakefile.is_file():
        raise InputError(f"{snakefile}: no such file; expected partparse in a checkout of it")
    with tempfile.TemporaryDirectory(prefix="partparse-plan-") as folder:
        lay_out(Path(folder), run, stride)
        jobs = Path(folder) / "jobs.json"
        program = CHECKOUT / "scripts" / "plan_jobs.py"
        command: list[str | Path] = [sys.executable, program, "--snakefile", snakefile]
        command += ["--folder", folder, "--config", Path(folder) / CONFIG]
        command += ["--target", TARGET, "--out", jobs]
        environment = os.environ | {"PYTHONPATH": str(CHECKOUT), "PYTHONUTF8": "1"}
        asked = subprocess.run(command, capture_output=True, env=environment, check=False)
        if asked.returncode:
            # Snakemake logs before the program ends in the line that says why
            said = asked.stderr.decode(errors="replace").strip().rpartition("error: ")[2]
            raise InputError(f"{run.results}: its workflow can't be planned: {said}")
        return _needed(read_json(jobs))


def lay_out(folder: Path, run: Run, stride: int) -> None:
    """A data set of one video, which no plan opens, and links to what the run has fitted."""
    data = folder / DATA
    (data / "train_videos").mkdir(parents=True)
    (data / "test_videos").mkdir()
    (data / "test_videos" / "video.mp4").touch()
    for path in fitted_files(run.results):
        link = folder / "results" / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(run.results / path)
    shards = {"train": 1, "val": 1, "test": 1}
    # nothing is fitted; and of other folds' folders the run has recorded the last names alone
    folds: dict[str, Any] = {"val_folds": None, "val_fold": 0, "other_folds": []}
    dataset = run.config["dataset"] | folds
    dataset |= {"root": str(data), "shards": shards, "test_only": True}
    frames = run.config["frames"] | {"scored_stride": stride}
    write_json(folder / CONFIG, run.config | {"dataset": dataset, "frames": frames})


def _needed(jobs: Sequence[dict[str, Any]]) -> list[Step]:
    """Of jobs in their order, those that are left when `GIVEN` is there."""
    wanted, kept = {TARGET}, []
    for job in reversed(jobs):
        if wanted & ({*job["outputs"]} - {*map(str, GIVEN)}):
            wanted |= {*job["inputs"]}
            program, *words = job["command"]
            kept.append(Step(Path(program), tuple(words), tuple(map(Path, job["outputs"]))))
    return kept[::-1]
