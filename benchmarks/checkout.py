"""The workflow that is measured: where it lies, its demo's settings, the commands of its stages."""

import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from partparse.planning.programs import command

ROOT = Path(__file__).resolve().parents[1]
RECIPE = ROOT / "configs" / "kinetics_tps.yaml"


def settings(*keys: str, path: Path = ROOT / "config.yaml") -> Any:
    """What a configuration says under some keys, one within the other."""
    import yaml  # not by measuring processes, which stay small

    found = yaml.safe_load(path.read_text("utf-8"))
    for key in keys:
        found = found[key]
    return found


def show_workflow(
    folder: Path, configfiles: Iterable[Path], own: Mapping[str, Any], *words: str
) -> int:
    """Snakemake in a folder, with `own` settings behind the files'; its exit status.

    A run that was stopped goes on. `words` are options and targets.
    """
    command = _snakemake(folder, configfiles, own, words)
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def run_workflow(
    folder: Path, configfiles: Iterable[Path], own: Mapping[str, Any], *words: str
) -> None:
    """The same to its end, told in the folder's `snakemake.log`; SystemExit if it fails."""
    command = _snakemake(folder, configfiles, own, words)
    with (folder / "snakemake.log").open("ab") as out:
        done = subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise SystemExit(f"{folder}: the run failed; snakemake.log there says why")


def _snakemake(
    folder: Path, configfiles: Iterable[Path], own: Mapping[str, Any], words: Iterable[str]
) -> list[str]:
    import yaml

    folder.mkdir(parents=True, exist_ok=True)
    overlay = folder / "own.yaml"
    overlay.write_text(yaml.safe_dump(own), "utf-8")
    command = [sys.executable, "-m", "snakemake", "--cores", "all", "--rerun-incomplete"]
    command += ["--directory", str(folder.resolve()), *words]
    return [*command, "--configfile", *(str(path.resolve()) for path in (*configfiles, overlay))]


def stage(name: str, **arguments: object) -> list[str]:
    """The command of a stage's program; lists are written word by word."""
    return [sys.executable, *command(ROOT / "scripts" / f"{name}.py", (), (), arguments, {})]
