"""Leases of GPUs, by several processes at once on devices that are only names."""

import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from partparse.errors import InputError
from partparse.running.gpus import LEASED, TOLD_ON, find_devices, lease

HOST = """\
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaa-0)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-bbbb-1)
GPU 2: NVIDIA A100-SXM4-40GB (UUID: GPU-cccc-2)
"""
SPLIT = """\
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaa-0)
  MIG 3g.20gb     Device  0: (UUID: MIG-1111)
  MIG 3g.20gb     Device  1: (UUID: MIG-2222)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-bbbb-1)
"""
# takes GPUs, says which, and keeps them until it is told to end
JOB = """
import logging, os, subprocess, sys
from partparse.running.gpus import lease
logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
lease(int(sys.argv[1]))
print(os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
{then}
sys.stdin.read()
"""
# a rank as distributed training starts it: the same program again, with the parent's environment
RANK = """
if "LOCAL_RANK" not in os.environ:
    again = os.environ | {"LOCAL_RANK": "1"}
    rank = subprocess.Popen([sys.executable, "-c", PROGRAM, sys.argv[1]], env=again,
                            stdout=subprocess.PIPE, text=True)
    print(rank.pid, rank.stdout.readline().strip(), flush=True)
else:
    import time
    time.sleep(60)
"""
# a worker as data loaders start it
WORKER = """
import time
worker = os.fork()
if worker == 0:
    time.sleep(60)
print(worker, flush=True)
"""
# uses its device as nobody else may at the same time
ALONE = """
import time
marker = os.path.join(sys.argv[2], os.environ["CUDA_VISIBLE_DEVICES"])
os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
time.sleep(0.05)
os.unlink(marker)
"""


class Job:
    """A process that has, or waits for, GPUs."""

    def __init__(self, gpus: int, *arguments: object, then: str = "", **environment: str) -> None:
        program = JOB.replace("{then}", then)
        program = program.replace("PROGRAM", repr(program)) if "PROGRAM" in program else program
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, str(gpus), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
        )

    def line(self) -> str:
        """What it prints next: first its devices; waits for it."""
        return _of(self.process.stdout).readline().strip()

    def logged(self) -> str:
        """What it logs next; waits for it."""
        return _of(self.process.stderr).readline().strip()

    def end(self) -> int:
        """Tell it to end."""
        _of(self.process.stdin).close()
        return self.process.wait(timeout=20)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=20)


def _of(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


@pytest.fixture(autouse=True)
def host(tmp_path, monkeypatch) -> Iterator[Path]:
    """A host whose locks are of this test and which has no GPU; its folder of programs."""
    for name in ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID", LEASED, TOLD_ON):
        monkeypatch.setenv(name, "")  # what is set below ends with the test
        monkeypatch.delenv(name)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    make_nvidia_smi(tmp_path / "bin", "", status=9)
    monkeypatch.setenv("PARTPARSE_GPU_LOCKS", str(tmp_path / "locks"))
    return tmp_path / "bin"


def make_nvidia_smi(folder: Path, listed: str, status: int = 0) -> None:
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{listed}END\nexit {status}\n")
    program.chmod(0o755)


@pytest.fixture
def three(host):
    """A host with three GPUs."""
    make_nvidia_smi(host, HOST)


@pytest.fixture
def start() -> Iterator[Callable[..., Job]]:
    """Starts jobs, none of which outlives its test."""
    started: list[Job] = []

    def start_job(*arguments, **options):
        started.append(Job(*arguments, **options))
        return started[-1]

    watchdog = threading.Timer(60, lambda: list(map(Job.kill, started)))
    watchdog.start()
    yield start_job
    watchdog.cancel()
    for job in started:
        job.kill()


@pytest.mark.usefixtures("three")
def test_jobs_at_once_have_distinct_devices_and_the_next_one_waits(start):
    jobs = [start(1) for _ in range(3)]
    assert {job.line() for job in jobs} == {"GPU-aaaa-0", "GPU-bbbb-1", "GPU-cccc-2"}
    late = start(1)
    assert late.logged().startswith("GPUs: waiting for 1 of GPU-aaaa-0,")
    devices = jobs[1].logged().removeprefix("GPUs: ")
    assert jobs[1].end() == 0
    assert late.line() == devices


@pytest.mark.usefixtures("three")
def test_many_jobs_never_share_a_device(start, tmp_path):
    jobs = [start(1, tmp_path, then=ALONE) for _ in range(12)]
    for job in jobs:
        job.process.stdin.close()
    assert [job.end() for job in jobs] == [0] * 12


@pytest.mark.usefixtures("three")
def test_a_killed_job_frees_its_devices(start):
    first = start(3)
    assert first.line() == "GPU-aaaa-0,GPU-bbbb-1,GPU-cccc-2"
    second = start(2)
    assert "waiting for 2" in second.logged()
    first.kill()  # SIGKILL: nothing of the program runs any more
    assert second.line() == "GPU-aaaa-0,GPU-bbbb-1"


@pytest.mark.usefixtures("three")
def test_who_needs_several_is_served_in_turn(start, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    small = start(1)
    assert small.line() == "GPU-aaaa-0"
    large = start(2)
    assert "waiting for 2" in large.logged()
    late = start(1)
    assert "waiting for 1" in late.logged()  # though one is free
    elsewhere = start(1, CUDA_VISIBLE_DEVICES="2")
    assert elsewhere.line() == "GPU-cccc-2"  # which none of these may have
    small.end()
    assert large.line() == "GPU-aaaa-0,GPU-bbbb-1"
    large.end()
    assert late.line() == "GPU-aaaa-0"


@pytest.mark.usefixtures("three")
def test_ranks_of_a_job_have_its_devices_as_long_as_one_of_them_lives(start):
    job = start(2, then=RANK)
    devices = job.line()
    rank, of_rank = job.line().split()
    assert of_rank == devices == "GPU-aaaa-0,GPU-bbbb-1"
    job.process.kill()
    other = start(2)
    assert "waiting" in other.logged()
    os.kill(int(rank), 9)
    assert other.line() == devices


@pytest.mark.usefixtures("three")
def test_forked_workers_hold_the_devices_too(start):
    job = start(3, then=WORKER)
    job.line()
    worker = int(job.line())
    job.process.kill()
    other = start(1)
    assert "waiting" in other.logged()
    os.kill(worker, 9)
    assert other.line() == "GPU-aaaa-0"


@pytest.mark.usefixtures("three")
def test_what_slurm_chose_is_kept_though_it_is_locked(start):
    assert start(3).line().count("GPU") == 3
    job = start(1, SLURM_JOB_ID="7", CUDA_VISIBLE_DEVICES="2")
    assert job.line() == "2"
    assert job.logged() == "GPUs: 2, chosen by Slurm"


@pytest.mark.usefixtures("three")
def test_jobs_within_one_allocation_share_its_devices_out(start):
    allocation = {"SLURM_JOB_ID": "7", "CUDA_VISIBLE_DEVICES": "1,2"}
    jobs = [start(1, **allocation) for _ in range(2)]
    assert {job.line() for job in jobs} == {"GPU-bbbb-1", "GPU-cccc-2"}


@pytest.mark.usefixtures("three")
def test_no_gpus_hides_all(monkeypatch):
    lease(0)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == ""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    lease(0)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == ""


@pytest.mark.parametrize("visible", [None, "", "-1"])
def test_without_a_gpu_jobs_run_on_the_cpu(start, monkeypatch, visible):
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    jobs = [start(1) for _ in range(2)]  # neither waits for the other
    assert [job.line() for job in jobs] == ["", ""]
    assert jobs[0].logged() == "GPUs: none to be had, on the CPU"
    told = start(1, **{TOLD_ON: os.uname().nodename})  # as the workflow does, once for all
    assert told.line() == ""
    assert told.end() == 0
    assert told.logged() == ""


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("visible", "devices"),
    [
        ("2,0", ["GPU-cccc-2", "GPU-aaaa-0"]),
        ("GPU-bb", ["GPU-bbbb-1"]),
        (" 1 , GPU-bbbb-1", ["GPU-bbbb-1"]),
    ],
)
def test_visible_devices_are_the_candidates(monkeypatch, visible, devices):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert find_devices() == devices


def test_visible_devices_stand_as_they_are_without_nvidia_smi(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,4,3")
    assert find_devices() == ["3", "4"]
    lease(2)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "3,4"


def test_parts_of_a_split_gpu_are_devices(host, monkeypatch):
    make_nvidia_smi(host, SPLIT)
    assert find_devices() == ["MIG-1111", "MIG-2222", "GPU-bbbb-1"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "MIG-2222")
    assert find_devices() == ["MIG-2222"]


@pytest.mark.usefixtures("three")
def test_wrong_wishes_are_told_at_once(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="4 GPUs asked for, but there are 3"):
        lease(4)
    monkeypatch.setenv("PARTPARSE_GPU_LOCKS", str(tmp_path / "no" / "where"))
    with pytest.raises(InputError, match="PARTPARSE_GPU_LOCKS may name another folder"):
        lease(1)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,7")
    with pytest.raises(InputError, match="CUDA_VISIBLE_DEVICES names '7'"):
        lease(1)


@pytest.mark.usefixtures("three")
def test_locks_are_for_all_users_whatever_the_umask(tmp_path):
    before = os.umask(0o077)
    try:
        lease(1)
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("locks/*")}
    assert modes == dict.fromkeys(modes, 0o644)
    assert {"GPU-aaaa-0.lock", "GPU-aaaa-0.gate"} <= set(modes)
    assert stat.S_IMODE((tmp_path / "locks").stat().st_mode) == 0o1777


def gpu_programs(repository: Path) -> list[Path]:
    """Those that use their job's device, or hand the job to what loads or trains a network."""
    more = re.compile(r"\bjob\.device\b|\bjob=job\b|\b(?:load|train)_\w+\([^)]*\bjob\b")
    programs = sorted((repository / "scripts").glob("*.py"))
    return [path for path in programs if more.search(path.read_text())]


def test_torch_is_not_loaded_when_gpus_are_taken(repository):
    """Nothing that the programs import at their heads loads torch."""
    load = "import runpy, sys\nfor path in sys.argv[1:]: runpy.run_path(path)\n"
    load += "sys.exit('torch' in sys.modules)"
    programs = gpu_programs(repository)
    assert len(programs) > 20
    assert subprocess.run([sys.executable, "-c", load, *programs], check=False).returncode == 0


def test_rules_ask_for_the_gpus_that_their_programs_take(repository):
    rule = re.compile(
        r'use rule (\w+) as \w+ with:(?:(?!use rule).)*?arguments\(\s*"(\w+)"', re.DOTALL
    )
    text = "\n".join(path.read_text() for path in (repository / "rules").rglob("*.smk"))
    networks = {program for stage, program in rule.findall(text) if stage == "network_stage"}
    assert networks == {path.stem for path in gpu_programs(repository)}
