from pathlib import Path

from partparse.report.methods import stage_times
from partparse.running.command_line import program


@program
def print_times(*, run: Path = Path()) -> None:
    """Print what each stage of a finished run cost."""
    times = stage_times(run / "results" / "benchmarks")
    print(times.to_string(index=False, float_format="{:.0f}".format))
