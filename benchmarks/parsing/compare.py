"""`partparse parse` against a process for each stage, on videos and a finished run of one's own.

    python -m benchmarks.parsing.compare RUN/results VIDEO…

Each side is a program of its own, from its start to its end: imports, models, files and the drawn
video are in its time. Then the rate of a parser whose models are loaded.
"""

import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import Contest, Size, compare, format_rows
from benchmarks.printing import command_line
from benchmarks.usage import run_one

PARSING = Contest(
    work="parse videos",
    reference="Snakemake, a process for each stage",
    goal=None,
    ours="benchmarks.parsing.sides:parse_together",
    theirs="benchmarks.parsing.sides:parse_by_stages",
)


def main() -> None:
    """Print both tables."""
    parser = command_line(__doc__)
    parser.add_argument("run", type=Path, help="folder results of a finished run")
    parser.add_argument("videos", type=Path, nargs="+")
    parser.add_argument("--repeats", type=int, default=1, help="of each side; default: 1")
    args = parser.parse_args()
    size = Size(f"{len(args.videos)} videos", [args.run, *args.videos])
    print(format_rows(compare(PARSING, [size], args.repeats)), flush=True)
    call = "from benchmarks.parsing.sides import print_rates; print_rates(*sys.argv[1:])"
    command = [sys.executable, "-c", f"import sys; {call}", str(args.run)]
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder) / "printed.txt"
        _, peak = run_one([*command, *map(str, args.videos)], printed)
        print(f"\n{printed.read_text()}\npeak: {peak:.0f} MB")


if __name__ == "__main__":
    main()
