"""Runs of the small workflow, each in a folder of its own, that can be hurt and compared."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import psutil
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
CONFIGS = REPOSITORY / "tests" / "configs"
SUBMISSION = "results/submission/submission.zip"
_LONGEST = 1200  # seconds that a run may take before it counts as hung


@dataclass
class Outcome:
    """What became of a kind of fault."""

    fault: str
    tried: int
    survived: int
    seconds: float
    note: str = ""


class LostError(AssertionError):
    """A fault was not survived: something is gone or different, or the run did not end."""


def expect(holds: bool, what: str) -> None:
    """Raise LostError unless `holds`."""
    if not holds:
        raise LostError(what)


def make_data(root: Path) -> Path:
    """Draw the data set of tests/configs/tiny.yaml, in the official layout."""
    files = (REPOSITORY / "config.yaml", CONFIGS / "tiny.yaml")
    default, tiny = (yaml.safe_load(path.read_text())["demo"] for path in files)
    command: list[str | Path] = [sys.executable, REPOSITORY / "scripts" / "make_demo.py"]
    command += ["--root", root, "--settings", json.dumps(default | tiny), "--threads", "2"]
    command += ["--version", "1", "--statistics-out", root.parent / "statistics.json"]
    command += ["--sheet-out", root.parent / "sheet.jpg"]
    subprocess.run(command, check=True, capture_output=True)
    return root


class Run:
    """The workflow in a folder, on a data set."""

    def __init__(self, folder: Path, data: Path) -> None:
        """The folder may hold another run's results."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._overlay = folder / "data.yaml"
        self._overlay.write_text(yaml.safe_dump({"dataset": {"root": str(data)}}))
        self._log = folder / "campaign.log"

    def copy(self, folder: Path, data: Path) -> "Run":
        """The same run in another folder, times of files included."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Run(folder, data)

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start Snakemake; its words go to a file."""
        command = [sys.executable, "-m", "snakemake", "--cores", "2"]
        command += ["--snakefile", str(REPOSITORY / "Snakefile"), "--directory", str(self.folder)]
        command += ["--configfile", str(CONFIGS / "tiny.yaml"), str(CONFIGS / "faults.yaml")]
        command += [str(self._overlay), *arguments]
        with self._log.open("a") as log:
            return subprocess.Popen(
                command,
                cwd=REPOSITORY,
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONUTF8": "1"},
            )

    def finish(self, *arguments: str) -> int:
        """Run Snakemake to its end, up to the submission or the targets after "--"; its status."""
        with self.start(*arguments or ("--", SUBMISSION)) as snakemake:
            try:
                return snakemake.wait(timeout=_LONGEST)
            except subprocess.TimeoutExpired:
                snakemake.kill()
                raise LostError(f"{self.folder}: the run did not end in {_LONGEST} s") from None

    def said(self) -> str:
        """All that Snakemake and the programs have said in this folder."""
        return self._log.read_text(errors="replace")

    def submission(self) -> dict[str, str]:
        """{file in the submission: SHA-256 of its content}."""
        path = self.folder / SUBMISSION
        expect(path.is_file(), f"{path}: no submission; see {self._log}")
        with zipfile.ZipFile(path) as members:
            return {n: hashlib.sha256(members.read(n)).hexdigest() for n in members.namelist()}

    def parses(self) -> dict:
        """The submitted persons by video and frame, as JSON's types."""
        with zipfile.ZipFile(self.folder / SUBMISSION) as members:
            return json.loads(members.read("pred_part_result.json"))

    def tables(self) -> dict[str, str]:
        """{path of a table: SHA-256}, of all that rules write."""
        found = (self.folder / "results").rglob("*.parquet")
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(found)
            if not any(part.startswith(".") for part in path.relative_to(self.folder).parts)
        }


def programs_of(snakemake: psutil.Process) -> list[psutil.Process]:
    """The programs of scripts/ that run below a Snakemake, but for processes of their own."""
    found = []
    for process in snakemake.children(recursive=True):
        try:
            command = process.cmdline()
            parents_command = process.parent().cmdline()
        except (psutil.NoSuchProcess, AttributeError):
            continue
        if _is_program(command) and not _is_program(parents_command):
            found.append(process)
    return found


def _is_program(command: list[str]) -> bool:
    return len(command) > 1 and Path(command[1]).parent == REPOSITORY / "scripts"
