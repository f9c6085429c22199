"""Print what each stage of a finished run cost."""

import argparse
from pathlib import Path

from partparse.report.methods import stage_times
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, default=Path(), help="folder that the run was made in")
    args = parser.parse_args()
    times = stage_times(args.run / "results" / "benchmarks")
    print(times.to_string(index=False, float_format="{:.0f}".format))


if __name__ == "__main__":
    run(main)
