"""`partparse take-over`: a run that begins with what another one has made."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


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
