"""Programs of a run that was killed, and those of the next one."""

import os
import subprocess
import sys
import time

import psutil
import pytest

SLEEPER = """
import time
from pathlib import Path
from partparse.running.command_line import run

def sleep(*, seconds: float, out: Path | None = None, states_out: Path | None = None):
    print("writing", flush=True)
    time.sleep(seconds)

run(sleep)
"""


@pytest.fixture
def start(repository):
    """Start a program that seems to write for some seconds; all are ended after the test."""
    started = []

    def start(seconds, *arguments, **environment):
        program = subprocess.Popen(
            [sys.executable, "-c", SLEEPER, "--seconds", str(seconds), *map(str, arguments)],
            cwd=repository,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(program)
        return program

    yield start
    for program in started:
        program.kill()
        program.communicate()


@pytest.mark.parametrize("name", ["--out", "--states-out"])
def test_a_program_waits_for_one_that_writes_the_same(start, tmp_path, name):
    left_behind = start(60, name, tmp_path / "table.parquet")
    assert left_behind.stdout.readline() == "writing\n"
    other = start(0, name, tmp_path / "another.parquet")
    assert other.communicate(timeout=30) == ("writing\n", "")
    waiting = start(0, name, tmp_path / "table.parquet")
    assert "table.parquet: another process still writes it" in waiting.stderr.readline()
    time.sleep(0.2)
    assert waiting.poll() is None
    left_behind.kill()
    assert waiting.stdout.readline() == "writing\n"
    assert waiting.wait(timeout=30) == 0


def test_a_helper_of_a_training_does_not_wait_and_ends_with_the_first_process(
    start, tmp_path, repository
):
    first = start(60, "--out", tmp_path / "model")
    assert first.stdout.readline() == "writing\n"
    helper = start(0, "--out", tmp_path / "model", LOCAL_RANK="1")
    assert helper.communicate(timeout=30) == ("writing\n", "")
    # a process that starts a helper, and is killed
    starter = "import subprocess, sys, time\n"
    starter += "helper = subprocess.Popen([sys.executable, '-c', sys.argv[1], '--seconds', '60'])\n"
    starter += "print(helper.pid, flush=True); time.sleep(60)"
    parent = subprocess.Popen(
        [sys.executable, "-c", starter, SLEEPER],
        cwd=repository,
        env=os.environ | {"LOCAL_RANK": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    assert parent.stdout.readline() == "writing\n"
    parent.kill()
    parent.communicate()
    child.wait(timeout=30)
