"""Processes of one job, and of one that another run of the workflow has left behind."""

import ctypes
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from itertools import starmap
from pathlib import Path
from typing import Any, TypeVar

from partparse.files.atomic import only_process

Result = TypeVar("Result")

_PR_SET_PDEATHSIG = 1  # of Linux's prctl


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

    Lightning starts them: the same program with the same arguments.
    """
    return int(os.environ.get("LOCAL_RANK", "0")) > 0


@contextmanager
def sole_writer(out: Path | None) -> Iterator[None]:
    """Wait until no other process writes `out`; None: nothing is written.

    Programs outlive a Snakemake that was killed, and the next one starts the same programs again:
    both would use the folder in which half-done work is kept. A helper of the first process
    writes nothing, and ends when that one does, lest it goes on with a GPU that is given back.
    """
    if is_helper():
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        out = None
    with nullcontext() if out is None else only_process(out):
        yield
