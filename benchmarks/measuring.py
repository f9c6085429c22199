"""Two programs that do the same work, measured in turn: the rows of docs/performance.md.

Each side is a function that is called in a process of its own (`side.py`), so that neither pays for
the other's memory. Seconds are of the function, after the imports; peaks are of the whole process.
This process stays small, because Linux counts its memory to that of those that it starts.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.printing import command_line, row
from benchmarks.usage import run_one

GROWTH = (1, 2, 4)
"""Multiples of the least size that are measured."""


@dataclass(frozen=True)
class Used:
    """What a side took: the medians of its runs."""

    seconds: float
    """By the clock."""
    cpu: float
    """CPU seconds, of all threads and processes."""
    peak: float
    """MB (1e6 bytes)."""


@dataclass(frozen=True)
class Row:
    """A work at one size, ours against a reference."""

    work: str
    reference: str
    size: str
    goal: float | None
    """Of the ratio; None where there is none."""
    ours: Used
    theirs: Used
    limit: float | None
    """The ratio in CPU seconds that could be reached, were there only what `bound` names."""
    bound: str

    @property
    def ratio(self) -> float:
        """How many times faster ours is."""
        return self.theirs.seconds / self.ours.seconds

    @property
    def cpu_ratio(self) -> float:
        """That of CPU seconds, which other programs on the machine change less."""
        return self.theirs.cpu / self.ours.cpu


@dataclass(frozen=True)
class Size:
    """One size of a work: what each side is called with."""

    name: str
    ours: Sequence[object]
    theirs: Sequence[object] | None = None
    """None: as ours."""
    scale: float = 1.0
    """What the reference's seconds are multiplied with, where it is given only a sample."""


@dataclass(frozen=True)
class Contest:
    """A work, its sides ("module:function"), and the least that it takes."""

    work: str
    reference: str
    """The reference in words."""
    goal: float | None
    ours: str
    theirs: str
    least: str | None = None
    """A function that does only what no program can do without; called as ours is."""
    bound: str = ""
    """That in words."""


def compare(contest: Contest, sizes: Sequence[Size], repeats: int) -> list[Row]:
    """A row for each size: the sides run in turn, `repeats` times."""
    return [_compare(contest, size, repeats) for size in sizes]


def _compare(contest: Contest, size: Size, repeats: int) -> Row:
    calls = [(contest.ours, size.ours), (contest.theirs, size.theirs or size.ours)]
    if contest.least:
        calls.append((contest.least, size.ours))
    runs = [[run_side(*call) for call in calls] for _ in range(repeats)]
    ours, theirs, *least = map(_middle, zip(*runs, strict=True))
    theirs = Used(theirs.seconds * size.scale, theirs.cpu * size.scale, theirs.peak)
    return Row(
        work=contest.work,
        reference=contest.reference,
        size=size.name,
        goal=contest.goal,
        ours=ours,
        theirs=theirs,
        limit=theirs.cpu / least[0].cpu if least else None,
        bound=contest.bound,
    )


def _middle(runs: Sequence[Used]) -> Used:
    of = [(run.seconds, run.cpu, run.peak) for run in runs]
    return Used(*(median(values) for values in zip(*of, strict=True)))


def run_side(function: str, arguments: Sequence[object]) -> Used:
    """Call "module:function" with words, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "seconds.json"
        command = [sys.executable, "-m", "benchmarks.side", str(out), function]
        command += map(str, arguments)
        printed = Path(folder) / "printed.txt"
        try:
            _, peak = run_one(command, printed)
        except Exception:
            sys.stderr.write(printed.read_text("utf-8", "replace"))
            raise
        seconds, cpu = json.loads(out.read_text())
        return Used(seconds, cpu, peak)


@dataclass(frozen=True)
class Options:
    """How a program is to measure."""

    small: bool
    repeats: int
    folder: Path
    """Empty, for what is made up."""
    device: str
    """Of the networks: "cpu" or "cuda:0"."""


def main(
    measure: Callable[[Options], list[Row]], description: str | None, *, small: int = 3
) -> None:
    """The main function of a program: measure, print the rows, and write them for `run_all`.

    `small`: how often each side runs with --small.
    """
    parser = command_line(description)
    parser.add_argument("--small", action="store_true", help="sizes that take seconds")
    parser.add_argument("--repeats", type=int, help=f"of each side; default: 3; small: {small}")
    parser.add_argument("--folder", type=Path, help="for what is made up; default: where others go")
    parser.add_argument(
        "--device",
        choices=("cpu", "cuda:0"),
        default="cpu",
        help="of networks, where there are any",
    )
    parser.add_argument("--rows", type=Path, help="JSON file to write the rows to")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        repeats = args.repeats or (small if args.small else 3)
        rows = measure(Options(args.small, repeats, Path(folder), args.device))
    print(format_rows(rows))
    if args.rows:
        args.rows.write_text(json.dumps([asdict(row) for row in rows]))


def read_rows(path: Path) -> list[Row]:
    """The rows that a program wrote."""
    rows = json.loads(path.read_text())
    return [
        Row(**{**row, "ours": Used(**row["ours"]), "theirs": Used(**row["theirs"])}) for row in rows
    ]


COLUMNS = (
    "work",
    "size",
    "reference",
    "times faster",
    "in CPU",
    "goal",
    "seconds",
    "CPU",
    "reference's",
    "CPU",
    "peak MB",
    "reference's",
    "limit",
    "set by",
)
_WORDS = {"work", "size", "reference", "set by"}


def format_rows(rows: Sequence[Row]) -> str:
    """The rows as a table in Markdown."""
    lines = [COLUMNS, ["---" if name in _WORDS else "---:" for name in COLUMNS]]
    return "\n".join(map(row, [*lines, *map(_cells, rows)]))


def _cells(of: Row) -> list[str]:
    return [
        of.work,
        of.size,
        of.reference,
        _number(of.ratio),
        _number(of.cpu_ratio),
        "" if of.goal is None else f"{of.goal:g}",
        *(_number(value) for used in (of.ours, of.theirs) for value in (used.seconds, used.cpu)),
        f"{of.ours.peak:.0f}",
        f"{of.theirs.peak:.0f}",
        "" if of.limit is None else _number(of.limit),
        of.bound,
    ]


def _number(value: float) -> str:
    """Two digits, and all of those before the point."""
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"
