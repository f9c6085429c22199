"""What Snakemake itself costs: planning the full recipe, and running its jobs."""

import re
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.checkout import RECIPE, ROOT, settings
from benchmarks.made_up.dataset import FRAMES, VAL_SHARE, Plan
from benchmarks.recipe.official import every_method, write_overlay, write_weights
from benchmarks.usage import run_one
from partparse.planning.config_files import merge

OPERATIONS = 194.9e9
"""Of yolo11x on a picture of 640 pixels, as ultralytics publishes."""
GPU = 400e12
"""Operations a second: what is seldom reached of the 989e12 that an H100 is sold with (bf16)."""
EPOCHS = 50
"""Of the recipe's person detector."""
RUN = re.compile("^RUN = .*$", re.MULTILINE)
"""The shell line of all rules."""
NOTHING = """\
for path in "$@"; do
  case "$path" in *.*) : > "$path" ;; *) mkdir -p "$path" ;; esac
done
"""
"""A program that does no work: it only leaves outputs (folders are named without a suffix)."""


@dataclass(frozen=True)
class Run:
    """A run of Snakemake."""

    jobs: int
    seconds: float
    cpu: float
    peak: float
    """MB."""

    def cells(self) -> tuple[str, ...]:
        """Of a row of a table."""
        return str(self.jobs), f"{self.seconds:.0f}", f"{self.cpu:.1f}", f"{self.peak:.0f}"


def plan_recipe(root: Path, folder: Path, plan: Plan, *, whole: bool) -> Run:
    """A dry run of the full recipe.

    Args:
        root: the data set.
        folder: empty, to run in.
        plan: of the data set, with as many shards as it says.
        whole: with every method that the recipe has settings for.
    """
    return _snakemake(ROOT, folder, _overlay(root, folder, plan, whole=whole), "-n")


def run_nothing(root: Path, folder: Path, plan: Plan) -> Run:
    """A run of the full recipe whose programs do nothing but leave empty outputs."""
    copy = folder / "checkout"
    copy.mkdir(parents=True)
    for name in ("rules", "schemas", "profiles", "envs", "partparse", "configs"):
        shutil.copytree(ROOT / name, copy / name)
    for name in ("Snakefile", "config.yaml"):
        shutil.copy(ROOT / name, copy / name)
    program = folder / "nothing.sh"
    program.write_text(NOTHING)
    (copy / "scripts").mkdir()
    for name in ("print_times", "print_problems"):  # which a run ends with
        (copy / "scripts" / f"{name}.py").touch()
    common = copy / "rules" / "common.smk"
    common.write_text(RUN.sub(f'RUN = "sh {program} {{output:q}}"', common.read_text()))
    return _snakemake(copy, folder, _overlay(root, folder, plan, whole=False), "--cores", "2")


def _overlay(root: Path, folder: Path, plan: Plan, *, whole: bool) -> Path:
    recipe = settings(path=RECIPE)
    overlay = write_weights(folder, recipe)
    overlay["dataset"] = {"root": str(root), "shards": plan.shards()}
    methods = every_method(settings() | recipe) if whole else {}
    return write_overlay(folder, merge(overlay, methods))


def _snakemake(checkout: Path, folder: Path, overlay: Path, *arguments: str) -> Run:
    command = [sys.executable, "-m", "snakemake", "--quiet", "rules", *arguments]
    command += ["--snakefile", str(checkout / "Snakefile"), "--directory", str(folder)]
    command += ["--configfile", str(RECIPE), str(overlay)]
    printed = folder / "printed.txt"
    start = time.perf_counter()
    cpu, peak = run_one(command, printed)
    seconds = time.perf_counter() - start
    jobs = int(re.findall(r"^total +(\d+)$", printed.read_text(), re.MULTILINE)[0])
    return Run(jobs, seconds, cpu, peak)


def detector_hours(plan: Plan) -> float:
    """Hours that training the recipe's person detector alone takes at least, on one GPU.

    A picture of each labelled frame of train (without val), forward and backward.
    """
    pictures = FRAMES["train"] * plan.times * (1 - VAL_SHARE) * EPOCHS
    return pictures * 3 * OPERATIONS / GPU / 3600
