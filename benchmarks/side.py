"""One side of a comparison: call a function once and write the seconds that it took.

python benchmarks/side.py OUT.json MODULE:FUNCTION [ARGUMENT ...]

What a function returns that can be called is the work itself, and all before it was preparation:
a network that is built, loaded and called for the first time.
"""

import importlib
import json
import sys
import time
from pathlib import Path


def main() -> None:
    """Import the module, then time the call; arguments stay text."""
    out, name, *arguments = sys.argv[1:]
    module, function = name.split(":")
    work = getattr(importlib.import_module(module), function)
    start = time.perf_counter()
    prepared = work(*arguments)
    if callable(prepared):
        start = time.perf_counter()
        prepared()
    Path(out).write_text(json.dumps(time.perf_counter() - start))


if __name__ == "__main__":
    main()
