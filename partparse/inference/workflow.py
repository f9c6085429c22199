"""The call of Snakemake on this checkout's workflow."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from partparse.errors import InputError

CHECKOUT = Path(__file__).resolve().parents[2]


def run_workflow(folder: Path, config: Path, target: str, cores: int, lock: int) -> bool:
    """Make a target of the workflow; whether all of it was made.

    What fails is told by Snakemake, and does not keep the rest from being made.

    Args:
        folder: in which it runs.
        config: its settings.
        target: name of a rule.
        cores: how many it may use.
        lock: file descriptor that says that nothing else runs in the folder; the workflow holds
            it too, should this process be killed.
    """
    snakefile = CHECKOUT / "Snakefile"
    if not snakefile.is_file():
        raise InputError(f"{snakefile}: no such file; expected partparse in a checkout of it")
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile)]
    command += ["--directory", str(folder), "--configfile", str(config), "--cores", str(cores)]
    command += ["--keep-going", "--nolock", *_loudness(), "--", target]
    with (
        subprocess.Popen(
            command, cwd=CHECKOUT, pass_fds=[lock], env=os.environ | {"PYTHONUTF8": "1"}
        ) as process,
        _patient(process),
    ):
        return process.wait() == 0


def _loudness() -> list[str]:
    """Bars on a terminal; elsewhere a line when a job ends."""
    return ["--logger", "rich"] if sys.stderr.isatty() else ["--quiet", "rules", "host", "reason"]


@contextmanager
def _patient(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Let Snakemake end its jobs, when a signal would end this process, and end then."""
    caught: list[int] = []

    def pass_on(number: int, _: object) -> None:
        if not caught or number == signal.SIGTERM:
            caught.append(number)
        if number == signal.SIGTERM:  # Ctrl-C reaches all processes of a terminal by itself
            process.send_signal(signal.SIGINT)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if caught:
            raise KeyboardInterrupt
