"""Programs and Snakemake killed with SIGKILL at random times."""

import random
import time
from collections import Counter
from pathlib import Path

import psutil

from tests.faults.workbench import SUBMISSION, Outcome, Run, expect, programs_of

KILLS = 30
SNAKEMAKE_KILLS = 3
_PAUSE = (1.0, 5.0)  # seconds between two kills


def kill_programs(run: Run, expected: dict[str, str], seed: int) -> Outcome:
    """Kill `KILLS` programs, one at a time, whichever run; the last run is left alone."""
    draw = random.Random(seed)
    start = time.monotonic()
    killed: Counter[str] = Counter()
    while killed.total() < KILLS:
        with run.start("--keep-going", "--", SUBMISSION) as snakemake:
            while snakemake.poll() is None:
                time.sleep(draw.uniform(*_PAUSE))
                if killed.total() < KILLS and (name := _kill_one(snakemake.pid, draw)):
                    killed[name] += 1
        if snakemake.returncode == 0:
            expect(run.submission() == expected, f"{run.folder}: another submission")
            (run.folder / SUBMISSION).unlink()
            if killed.total() < KILLS:  # all is done, so all is done again
                run.finish("--delete-all-output", "--", SUBMISSION)
    expect(run.finish() == 0, f"{run.folder}: the run after the kills failed")
    expect(run.submission() == expected, f"{run.folder}: another submission after the kills")
    stages = f"{len(killed)} stages: " + ", ".join(f"{n} {c}×" for n, c in killed.most_common())
    return Outcome(
        "a program killed (SIGKILL)", KILLS, killed.total(), time.monotonic() - start, stages
    )


def _kill_one(pid: int, draw: random.Random) -> str | None:
    """Kill one of the programs that run now; its name, or None where there is none."""
    try:
        running = programs_of(psutil.Process(pid))
        if not running:
            return None
        victim = draw.choice(running)
        name = Path(victim.cmdline()[1]).stem
        victim.kill()
    except (psutil.NoSuchProcess, IndexError):
        return None
    return name


def kill_snakemake(run: Run, expected: dict[str, str], seed: int) -> tuple[Outcome, Outcome]:
    """Kill Snakemake itself; its programs go on. Then unlock and run again, while they do.

    The second outcome is of a run that is started in a folder where another one is running.
    """
    draw = random.Random(seed)
    start = time.monotonic()
    left_behind = 0
    for _ in range(SNAKEMAKE_KILLS):
        with run.start("--", SUBMISSION) as snakemake:
            process = psutil.Process(snakemake.pid)
            while not programs_of(process):
                time.sleep(0.1)
            time.sleep(draw.uniform(5, 15))
            orphans = programs_of(process)
            snakemake.kill()
        left_behind += len(orphans)
        expect(run.finish() != 0, f"{run.folder}: a killed run's lock was not respected")
        expect(run.finish("--unlock") == 0, f"{run.folder}: cannot be unlocked")
    refused = _second_run(run)
    expect(run.submission() == expected, f"{run.folder}: another submission")
    note = f"{left_behind} programs still ran when the next run began"
    seconds = time.monotonic() - start
    return (
        Outcome("Snakemake killed, then --unlock", SNAKEMAKE_KILLS, SNAKEMAKE_KILLS, seconds, note),
        refused,
    )


def _second_run(run: Run) -> Outcome:
    """Start a run beside one that is running, which must go on to its end."""
    with run.start("--", SUBMISSION) as first:
        process = psutil.Process(first.pid)
        while not programs_of(process):
            expect(first.poll() is None, f"{run.folder}: the run ended early")
            time.sleep(0.1)
        start = time.monotonic()
        status = run.finish()
        seconds = time.monotonic() - start
        expect(status != 0 and "cannot be locked" in run.said(), "a second run was not refused")
        expect(first.wait() == 0, f"{run.folder}: the first of two runs failed")
    return Outcome("a second run in the same folder is refused", 1, 1, seconds)
