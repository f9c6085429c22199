"""Faults that a test does better than a run: what they are, and the tests that bring them about."""

import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

from tests.faults.workbench import REPOSITORY, LostError, Outcome

TESTED = {
    "a training killed amid an epoch goes on exactly (1e-6)": (
        "learning/test_interruptions.py::test_a_training_killed_amid_an_epoch_goes_on_exactly",
        "recognition/test_training.py::test_a_killed_run_goes_on_exactly",
        "detection/yolo/test_resuming.py::test_a_program_that_died_goes_on_exactly",
    ),
    "a loss or weights that are not finite": (
        "learning/test_interruptions.py::"
        "test_a_loss_that_is_not_finite_stops_and_keeps_the_last_good_checkpoint",
        "learning/test_interruptions.py::test_weights_that_are_not_finite_are_never_kept",
    ),
    "out of GPU memory, memory or disk: what to lower": (
        "running/test_failures.py::test_the_machines_faults_are_told_in_one_line",
    ),
    "programs of a killed run beside those of the next": ("running/test_processes.py",),
    "a killed job frees its GPUs": ("running/test_gpus.py",),
}


def run_tests(fault: str, scratch: Path) -> Outcome:
    """Run the tests of a fault; each of them is a try."""
    start = time.monotonic()
    report = scratch / "tests.xml"
    names = [f"tests/{name}" for name in TESTED[fault]]
    command = [sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}", *names]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    suite = ElementTree.parse(report).getroot()[0]
    counts = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
    tried = counts["tests"] - counts["skipped"]
    failed = counts["failures"] + counts["errors"]
    if failed or not tried:
        raise LostError(f"{failed} of {tried} tests failed:\n{done.stdout[-2000:]}")
    return Outcome(fault, tried, tried, time.monotonic() - start, ", ".join(names))
