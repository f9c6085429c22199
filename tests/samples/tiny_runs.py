"""The whole workflow at the least size that runs every stage, and how it is called."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

TINY = Path("tests/configs/tiny.yaml")
BROKEN = {
    "empty": "train_videos/lunge/lunge_train_000.mp4",
    "no frame decodes": "test_videos/push_up/push_up_test_000.mp4",
    "cut short": "test_videos/pull_ups/pull_ups_test_000.mp4",
}


def snakemake(
    repository: Path, folder: Path, *arguments: str, timeout: int = 1500
) -> subprocess.CompletedProcess[str]:
    """Run snakemake in `folder` on the workflow of `repository`."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2"]
    command += ["--snakefile", str(repository / "Snakefile"), "--directory", str(folder)]
    return subprocess.run(
        [*command, *arguments],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env=os.environ | {"PYTHONUTF8": "1"},
    )


def jobs(dry_run: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """{rule: number of jobs} from the table that a dry run prints."""
    assert dry_run.returncode == 0, dry_run.stdout + dry_run.stderr
    text = dry_run.stdout + dry_run.stderr
    return {name: int(n) for name, n in re.findall(r"^(\w+) +(\d+)$", text, re.MULTILINE)}


def draw_data_set(repository: Path, folder: Path) -> Path:
    """A tiny data set in the official layout, drawn by the demo's own program; its root."""
    root = folder / "set"
    files = (repository / "config.yaml", repository / TINY)
    default, tiny = (yaml.safe_load(path.read_text())["demo"] for path in files)
    options: list[str | Path] = ["--root", root, "--settings", json.dumps(default | tiny)]
    options += ["--statistics-out", root.parent / "statistics.json", "--version", "1"]
    options += ["--sheet-out", root.parent / "sheet.jpg", "--threads", "2"]
    program = repository / "scripts" / "make_demo.py"
    subprocess.run([sys.executable, program, *options], check=True, capture_output=True)
    break_videos(root)
    return root


def break_videos(root: Path) -> None:
    """One video of each kind of damage: nothing of it may stop or shrink the run."""
    (root / BROKEN["empty"]).write_bytes(b"")
    (root / BROKEN["no frame decodes"]).write_bytes(b"not a video at all" * 100)
    cut = root / BROKEN["cut short"]
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])


def run_program(program: Path, *words: object) -> None:
    """Run a program of scripts/ in a process of its own."""
    done = subprocess.run(
        [sys.executable, program, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
