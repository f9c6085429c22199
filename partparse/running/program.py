"""What the stage programs share: settings, threads, device, seeds, progress, model cards."""

import ctypes
import importlib.metadata
import logging
import os
import random
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from partparse.files.atomic import write_json
from partparse.running.gpus import lease
from partparse.running.pace import Pace

Item = TypeVar("Item")

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # of glibc's malloc.h
_LARGEST = 2**31 - 1  # an int
_PAD = 2**26


def limit_threads(threads: int) -> None:
    """Use `threads` cores, in this process and in libraries that are loaded later."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    if "cv2" in sys.modules:
        sys.modules["cv2"].setNumThreads(threads)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)


def claim(threads: int, gpus: int) -> None:
    """Use `threads` cores and `gpus` GPUs that no other job has, before torch is loaded.

    Waits for GPUs that are in use. Raises InputError if the host has fewer.
    """
    limit_threads(threads)
    keep_freed_memory()
    lease(gpus)


def keep_freed_memory() -> None:
    """Let glibc keep what is freed for what is asked for next, instead of giving it back at once.

    A network asks for the same large pieces at every step, and each time Linux would hand out and
    clear their pages anew: a tenth to a quarter of a training step on a CPU. The most that a
    process ever holds stays about the same. Where there is no glibc nothing is changed.
    """
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    mallopt(_MMAP_THRESHOLD, _LARGEST)
    mallopt(_TRIM_THRESHOLD, _LARGEST)
    mallopt(_TOP_PAD, _PAD)


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and torch."""
    import numpy as np
    import torch

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def progress(items: Iterable[Item], what: str, total: int | None = None) -> Iterator[Item]:
    """Yield `items`; log now and then how many are done, of how many, the rate and time left."""
    log = logging.getLogger("partparse")
    total = len(items) if total is None and hasattr(items, "__len__") else total  # type: ignore[arg-type]
    pace = Pace(total)
    for item in items:
        yield item
        if line := pace.step():
            log.info("%s: %s", what, line)
    seconds = pace.seconds()
    log.info("%s: %d in %.1f s, %.1f/s", what, pace.done, seconds, pace.done / seconds)


def write_model_card(
    path: Path,
    *,
    stage: str,
    settings: Mapping[str, Any],
    trained_on: Mapping[str, Any],
    seed: int,
    packages: Iterable[str] = ("torch",),
    **facts: Any,
) -> None:
    """Write what a model was made of and from beside its weights (`model.json`)."""
    write_json(
        path,
        {
            "stage": stage,
            "settings": dict(settings),
            "trained_on": dict(trained_on),
            "seed": seed,
            "versions": {
                name: importlib.metadata.version(name) for name in sorted({"torch", *packages})
            },
            **facts,
        },
    )
