"""Processes of one job, and of one that another run of the workflow has left behind."""

import ctypes
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from itertools import starmap
from pathlib import Path
from typing import Any, TypeVar

from partparse.files.atomic import only_process

Result = TypeVar("Result")

_PR_SET_PDEATHSIG = 1  # of Linux's prctl
_TOGETHER = "PARTPARSE_TOGETHER"  # set for the processes of `run_together`
_POLL_SECONDS = 0.2


def side_by_side(
    function: Callable[..., Result],
    jobs: Sequence[tuple[Any, ...]],
    workers: int,
    prepare: Callable[[], object] | None = None,
) -> Iterator[Result]:
    """`function(*job)` of each job in their order, `workers` at a time; processes `prepare`."""
    if workers <= 1 or len(jobs) <= 1:
        yield from starmap(function, jobs)
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([function.__module__])  # imported once, not by each process
    with ProcessPoolExecutor(min(workers, len(jobs)), context, prepare) as pool:
        yield from pool.map(function, *zip(*jobs, strict=True))


def is_helper() -> bool:
    """True in the processes beside the first of a training on several GPUs.

    Lightning starts them, or `run_together`: the same program with the same arguments.
    """
    return int(os.environ.get("LOCAL_RANK", "0")) > 0


def is_together() -> bool:
    """True in the processes that `run_together` has started."""
    return _TOGETHER in os.environ


def run_together(number: int) -> None:
    """Run this program, with the same arguments, as so many processes that train together.

    They find each other by the variables that torch's `env://` reads. Where one fails the others
    are ended, and SystemExit with its status is raised: it has said itself what was wrong.
    """
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    common = {
        _TOGETHER: "1",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "WORLD_SIZE": str(number),
    }
    command = [sys.executable, *sys.orig_argv[1:]]
    ranks = [
        subprocess.Popen(
            command, env=os.environ | common | {"RANK": str(rank), "LOCAL_RANK": str(rank)}
        )
        for rank in range(number)
    ]
    try:
        while any(rank.poll() is None for rank in ranks):
            if failed := next((rank.returncode for rank in ranks if rank.returncode), None):
                raise SystemExit(failed if failed > 0 else 1)
            time.sleep(_POLL_SECONDS)
        if any(rank.returncode for rank in ranks):
            raise SystemExit(1)
    finally:
        for rank in ranks:
            rank.kill()


@contextmanager
def sole_writer(out: Path | None) -> Iterator[None]:
    """Wait until no other process writes `out`; None: nothing is written.

    Programs outlive a Snakemake that was killed, and the next one starts the same programs again:
    both would use the folder in which half-done work is kept. A helper of the first process
    writes nothing, and ends when that one does, lest it goes on with a GPU that is given back; for
    those of `run_together` the process that has started them waits.
    """
    if is_helper() or is_together():
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        out = None
    with nullcontext() if out is None else only_process(out):
        yield
