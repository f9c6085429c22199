"""One side of a comparison: call a function once and write the seconds it took: clock, CPU.

python -m benchmarks.side OUT.json MODULE:FUNCTION [ARGUMENT ...]

What a function returns that can be called is the work itself, and all before it was preparation:
a network that is built, loaded and called for the first time.
"""

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

Work = Callable[[], object]


def main() -> None:
    """Import the module, then time the call; arguments stay text."""
    out, name, *arguments = sys.argv[1:]
    module, function = name.split(":")
    work = getattr(importlib.import_module(module), function)
    prepared, used = measure(lambda: work(*arguments))
    if callable(prepared):
        _, used = measure(prepared)
    Path(out).write_text(json.dumps(used))


def measure(work: Work) -> tuple[object, tuple[float, float]]:
    """What a call returns, and its seconds: by the clock, and of the CPU."""
    start, cpu = time.perf_counter(), cpu_seconds()
    result = work()
    return result, (time.perf_counter() - start, cpu_seconds() - cpu)


def cpu_seconds() -> float:
    """Of this process, all its threads, and the processes it started that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


if __name__ == "__main__":
    main()
