from pathlib import Path

from partparse.report.methods import stage_times
from partparse.running import command_line


def print_times(*, run: Path = Path()) -> None:
    """Print what each stage of a finished run cost.

    Args:
        run: Folder that the run was made in.
    """
    times = stage_times(run / "results" / "benchmarks")
    print(times.to_string(index=False, float_format="{:.0f}".format))


if __name__ == "__main__":
    command_line.run(print_times)
