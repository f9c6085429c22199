"""What the workflow costs at the official size, three times and ten times it, as tables.

    python -m benchmarks.scale.run workflow reading shards splits --times 1 3

`workflow`: a dry run of the full recipe, and a run of all its jobs with programs that do nothing.
`reading`: annotation files a second, against a loop that only reads them. `shards`, `splits`: the
stages that work on tables, of a shard or of all of a split. All is made up in a temporary folder. A
larger data set has more shards; only in `shards` it has larger ones. Factors below 1 will do for
`shards` and `splits`.
"""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.printing import command_line, print_head, print_row
from benchmarks.usage import make, run_all

ANNOTATED = 4
"""Shards of train that get annotation files."""


def main() -> None:
    """Measure what is asked for, and print it."""
    parser = command_line(__doc__)
    sections = {
        "workflow": measure_workflow,
        "reading": measure_reading,
        "shards": measure_shards,
        "splits": measure_splits,
    }
    parser.add_argument("sections", nargs="+", choices=sections)
    parser.add_argument("--times", type=float, nargs="+", default=[1, 3, 10], metavar="FACTOR")
    parser.add_argument("--folder", type=Path, help="for what is made up; default: where others go")
    args = parser.parse_args()
    for section in args.sections:
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            print(f"\n{section}\n")
            sections[section](Path(folder), args.times)


def make_dataset(root: Path, times: int, annotated: int) -> Path:
    """Write a made-up data set, in a process of its own."""
    make("dataset", root, "--times", times, "--annotated", annotated)
    return root


def measure_workflow(folder: Path, factors: Sequence[float]) -> None:
    """Planning and running the full recipe, without its work."""
    from benchmarks.scale.workflow import Plan, detector_hours, plan_recipe, run_nothing

    print_head("of", "videos", "jobs", "seconds", "CPU seconds", "peak MB", "share of training")
    for times in map(int, factors):
        plan = Plan(times)
        root = make_dataset(folder / f"data_{times}", times, 0)
        videos = 4741 * times
        for name, whole in (("dry run", False), ("dry run, every method", True)):
            run = plan_recipe(root, folder, plan, whole=whole)
            print_row(name, videos, *run.cells(), "")
        run = run_nothing(root, folder / f"run_{times}", plan)
        share = run.seconds / 3600 / detector_hours(plan)
        print_row("jobs that do nothing", videos, *run.cells(), f"{share:.2%}")
        shutil.rmtree(root)
        shutil.rmtree(folder / f"run_{times}")
    print(f"\nTraining the person detector takes {detector_hours(Plan(1)):.1f} h at least, at 1x.")


def measure_reading(folder: Path, _: Sequence[float]) -> None:
    """Annotation files a second; their number makes no difference."""
    from benchmarks.scale.reading import measure_reading as measure

    root = make_dataset(folder / "data", 1, ANNOTATED)
    print_head("of", "processes", "files", "seconds", "CPU seconds", "files / s", "files / CPU s")
    for rate in measure(root):
        speeds = (f"{rate.files / value:.0f}" for value in (rate.seconds, rate.cpu))
        used = (f"{rate.seconds:.1f}", f"{rate.cpu:.1f}")
        print_row(rate.what, rate.processes, rate.files, *used, *speeds)


def measure_shards(folder: Path, factors: Sequence[float]) -> None:
    """The stages of shards, with so many times a shard's videos."""
    from benchmarks.scale.stages import (
        TEST_VIDEOS,
        Tables,
        make_shard,
        measure,
        read_shards,
        remove,
        shard_stages,
    )

    print_head("stage", "times", "seconds", "CPU seconds", "peak MB")
    root = make_dataset(folder / "data", 1, ANNOTATED)
    commands = read_shards(root, folder, ANNOTATED)
    usage = run_all(commands, 2)
    print_row("read_dataset, 4 shards, 2 at once", 1, *usage.cells()[:3])
    shutil.rmtree(root)
    for times in factors:
        tables = Tables(folder / "tables", 1)
        make_shard(tables, round(TEST_VIDEOS * times))
        for name, usage in measure(shard_stages(tables)):
            print_row(name, f"{times:g}", *usage.cells()[:3])
        remove(tables)


def measure_splits(folder: Path, factors: Sequence[float]) -> None:
    """The stages of splits, with so many times the shards."""
    from benchmarks.scale.stages import (
        TEST_VIDEOS,
        Tables,
        copy_shards,
        make_shard,
        measure,
        parse_first,
        read_shards,
        remove,
        split_stages,
    )

    print_head("stage", "times", "seconds", "CPU seconds", "peak MB")
    root = make_dataset(folder / "data", 1, 1)
    for times in factors:
        tables = Tables(folder / "tables", times)
        make_shard(tables, TEST_VIDEOS)
        run_all(read_shards(root, tables.folder, 1), 1)
        run_all([parse_first(tables)], 1)
        copy_shards(tables)
        for name, usage in measure(split_stages(tables)):
            print_row(name, f"{times:g}", *usage.cells()[:3])
        remove(tables)


if __name__ == "__main__":
    main()
