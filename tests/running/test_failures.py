"""What a program says where memory or disk do not suffice, and what it leaves unsaid."""

import errno
import os
import signal
import subprocess
import sys

import pytest
import torch
from pydantic import BaseModel

from partparse.errors import InputError
from partparse.running import command_line
from partparse.running.arguments import Job
from partparse.running.command_line import run


class Sizes(BaseModel):
    crop_side: int
    batch: int
    epochs: int
    device_batch: int | None


@pytest.fixture(autouse=True)
def _nothing_is_claimed(monkeypatch):
    monkeypatch.setattr(command_line, "claim", lambda *_: None)


def out_of_gpu_memory(*, settings: Sizes):
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")


def disk_full():
    raise OSError(errno.ENOSPC, "No space left on device", "results/frames/a.parquet")


def out_of_memory():
    raise MemoryError


@pytest.mark.parametrize(
    ("failing", "arguments", "message"),
    [
        (
            out_of_gpu_memory,
            ["--settings", '{"crop_side": 224, "batch": 8, "epochs": 3, "device_batch": null}'],
            "error: out of GPU memory: lower device_batch (now null), then batch (now 8), then "
            "crop_side (now 224) in this stage's settings, or use GPUs with more memory\n",
        ),
        (
            disk_full,
            [],
            "error: results/frames/a.parquet: no space left on the disk; what was finished is "
            "kept: free some, and run again\n",
        ),
        (
            out_of_memory,
            ["--threads", "2"],
            "error: out of memory: lower the threads, or give the job more (mem_mb)\n",
        ),
    ],
)
def test_the_machines_faults_are_told_in_one_line(failing, arguments, message, capsys):
    with pytest.raises(SystemExit) as ended:
        run(failing, arguments)
    assert ended.value.code == 1
    assert capsys.readouterr().err == message


def test_faults_of_the_program_are_not_hidden():
    def faulty():
        raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match="shapes differ"):
        run(faulty, [])


def test_a_program_for_one_gpu_refuses_more():
    assert Job().device == "cpu"
    with pytest.raises(InputError, match="uses one GPU, not 2"):
        _ = Job(gpus=2).device


WARNING = """
import warnings
from partparse.running.command_line import run

def warn():
    warnings.warn("old", DeprecationWarning)
    warnings.warn("will change", FutureWarning)
    warnings.warn("pkg_resources is deprecated as an API. See elsewhere.")
    warnings.warn("numbers overflow", RuntimeWarning)

run(warn)
"""


@pytest.mark.parametrize(
    ("asked", "shown"), [(False, {"overflow"}), (True, {"old", "change", "deprecated", "overflow"})]
)
def test_what_libraries_warn_each_other_of_is_shown_to_those_who_ask(repository, asked, shown):
    command = [sys.executable, *(["-W", "default"] if asked else []), "-c", WARNING]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
    assert {
        word for word in ("old", "change", "deprecated", "overflow") if word in done.stderr
    } == (shown)


SLEEPER = """
import time
from partparse.running.command_line import run

def sleep():
    print("sleeping", flush=True)
    time.sleep(60)

run(sleep)
"""


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_program_ends_without_a_traceback(repository):
    program = subprocess.Popen(
        [sys.executable, "-c", SLEEPER],
        cwd=repository,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "sleeping\n"
    program.send_signal(signal.SIGINT)
    assert program.communicate(timeout=30) == ("", "")
    assert program.returncode == 130
