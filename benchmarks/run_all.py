"""Run all comparisons at small sizes and write their tables into docs/performance.md.

    python -m benchmarks.run_all

Each subject has a `compare.py` that hands `measuring.main` a function; its line in `SUBJECTS` is
all that it takes. What stands in docs/performance.md outside the two marks is kept.
"""

import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.checkout import ROOT
from benchmarks.measuring import Row, format_rows, read_rows

SUBJECTS = (
    "submission",
    "reading",
    "ensemble",
    "planning",
    "extraction",
    "detection",
    "pose",
    "clips",
    "instance",
)
"""In the order of the page."""
PAGE = ROOT / "docs" / "performance.md"
FIRST, LAST = "<!-- made by make bench: begin -->", "<!-- made by make bench: end -->"


def main() -> None:
    """Run the programs one after the other and put the tables between the marks."""
    tables = []
    for subject in SUBJECTS:
        print(f"{subject} …", flush=True)
        table = format_rows(compare(subject))
        print(table, flush=True)
        command = f"python -m benchmarks.{subject}.compare --small"
        tables.append(f"```\n{command}\n```\n\n{table}")
    write_page("\n\n".join([describe_machine(), *tables]))


def compare(subject: str) -> list[Row]:
    """The rows of a subject at small size. Raises CalledProcessError where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.json"
        program = [sys.executable, "-m", f"benchmarks.{subject}.compare"]
        subprocess.run(
            [*program, "--small", "--rows", str(rows)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return read_rows(rows)


def describe_machine() -> str:
    """Processor, cores, memory and Python, in a line."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"Measured on {cores} cores of {processor()} with {memory:.0f} GB, "
        f"Python {platform.python_version()}."
    )


def processor() -> str:
    """The processor's name, where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def write_page(made: str) -> None:
    """Put what was made between the marks of the page."""
    before, rest = PAGE.read_text("utf-8").split(FIRST)
    after = rest.split(LAST)[1]
    PAGE.write_text(f"{before}{FIRST}\n{made}\n{LAST}{after}", "utf-8")


if __name__ == "__main__":
    main()
