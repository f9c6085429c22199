"""`partparse compare` and `take-over`: one run beside another."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def compare(first: Path, second: Path, /, *, out: Path | None = None) -> None:
    """Compare two finished runs of the same data set, video by video.

    Print what each method scores in both runs, with the 95 % interval of the difference over
    videos, and the settings that differ.

    Args:
        first: Folder `results` of a run.
        second: Folder `results` of the run that is compared to it.
        out: Folder to write a page into: compare.html, its figure compare.svg, and compare.csv.
    """
    from partparse.files.csv_tables import write_csv
    from partparse.inference.run_folder import open_run
    from partparse.report import run_comparison as runs

    one, other = (runs.read_scores(path, open_run(path).config) for path in (first, second))
    table, notes = runs.compare(one, other)
    print(runs.as_text(table, notes, runs.differing_settings(one.config, other.config)), end="")
    if out is not None:
        page = runs.write_page(out, one, other, table, notes)
        write_csv(table, out / "compare.csv")
        print(page)


def take_over(folder: Path, /, *, run: Annotated[Path, Parameter(name="--from")]) -> None:
    """Give the folder of a new run what another run has made already.

    `snakemake --directory FOLDER` then makes only what its settings ask for in another way, and
    what follows from that: with a new method, no detector is trained again. The results take no
    more room on the same disk. The other run stays as it is. See docs/new-method.md.

    Args:
        folder: Folder to make the new run in; there may be no run in it yet.
        run: Folder `results` of the other run.
    """
    from partparse.planning import taking_over

    count = taking_over.take_over(run, folder)
    print(f"{folder / 'results'}: {count} files of {run}")
