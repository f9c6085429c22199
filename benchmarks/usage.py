"""What programs use: time by the clock, CPU time, memory."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.checkout import ROOT


@dataclass(frozen=True)
class Usage:
    """What processes used."""

    seconds: float
    cpu: float
    """Seconds, of all."""
    peak: float
    """MB (1e6 bytes) that the largest held."""
    workers: int
    """Processes at once."""

    def cells(self) -> list[str]:
        """Of a row of a table: seconds, CPU seconds, peak MB a process, peak MB in all."""
        return [
            f"{value:.0f}"
            for value in (self.seconds, self.cpu, self.peak, self.peak * self.workers)
        ]


def run_all(commands: Sequence[list[str]], workers: int) -> Usage:
    """Run programs, `workers` at once; raises CalledProcessError where one fails."""
    start = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        used = list(pool.map(run_one, commands))
    seconds = time.perf_counter() - start
    cpu, peak = zip(*used, strict=True)
    return Usage(seconds, sum(cpu), max(peak), min(workers, len(commands)))


def run_one(command: list[str], output: Path | None = None) -> tuple[float, float]:
    """CPU seconds and peak MB of a program and of what it started.

    What it prints goes to the file `output`, or nowhere. On Linux the memory of the process that
    calls this counts to the program's: it should be small.
    """
    paths = [str(ROOT), os.environ.get("PYTHONPATH")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        environment[name] = "1"
    with (output or Path(os.devnull)).open("wb") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command[:2])
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6  # KiB on Linux


def make(program: str, *arguments: object) -> None:
    """Run one of the programs of `benchmarks.made_up`."""
    run_one([sys.executable, "-m", f"benchmarks.made_up.{program}", *map(str, arguments)])
