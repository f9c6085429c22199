"""Freed memory is kept for what is asked for next."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import resource
import sys
import numpy as np
from partparse.running.program import keep_freed_memory

if sys.argv[1] == "keep":
    keep_freed_memory()
np.ones(2**23)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    np.ones(2**23)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="what is tested is glibc's")
def test_the_same_pages_are_used_again(repository: Path) -> None:
    def faults(how: str) -> int:
        command = [sys.executable, "-c", PROGRAM, how]
        done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert faults("keep") < 100
    assert faults("give back") > 100
