"""`partparse weights`: public weights by name, what a run starts from, and fetching them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from partparse.planning.weights import Need

_CHECKOUT = Path(__file__).resolve().parents[2]
Configs = Annotated[list[Path], Parameter(consume_multiple=True)]


def weights(*name: str, configfile: Configs | None = None, fetch: bool = False) -> int:
    """List public weights, or those that a run starts from, and fetch them.

    Of each file: whether it is there or where it is fetched from, what it was trained on, its
    licence, and whether the challenge may not allow it (docs/licences.md). Files are kept in the
    folder that the setting resources.weights_folder or the environment's PARTPARSE_WEIGHTS names,
    or in the user's cache. A missing one is a fault.

    Args:
        name: Names of public weights. Without them and without --configfile: all that there are.
        configfile: Config files as snakemake is given them: what the run's trainings start from.
        fetch: Fetch what is missing, so that jobs on machines without a network find it.
    """
    from partparse.commands.common import tell
    from partparse.files.catalogue import catalogue
    from partparse.files.weights import fetch_source, find_source
    from partparse.planning.weights import Need, missing_weights

    names = name if name or configfile else tuple(catalogue())
    needs = [Need(find_source(one, None), ()) for one in names]
    if configfile:
        needs += _needs_of(configfile)
    for need in needs:
        if fetch and need.source.address:
            fetch_source(need.source)
        print(_described(need))
    return tell(missing_weights(needs), "all are there") if name or configfile else 0


def _needs_of(configs: list[Path]) -> "list[Need]":
    import os

    from partparse.files.weights import FOLDER_VARIABLE
    from partparse.planning.config_files import read_config
    from partparse.planning.settings import check_config
    from partparse.planning.weights import needed_weights

    config = read_config(_CHECKOUT / "config.yaml", configs)
    check_config(config)
    if folder := config["resources"]["weights_folder"]:
        os.environ[FOLDER_VARIABLE] = folder
    return needed_weights(config)


def _described(need: "Need") -> str:
    """A few lines on a file of weights."""
    source, entry = need.source, need.source.entry
    size = f", {entry.size / 1e6:.0f} MB" if entry and entry.size else ""
    lines = [source.name if entry is None else f"{source.name}: {entry.what}{size}"]
    if need.places:
        lines.append(f"for {', '.join(need.places)}")
    if source.is_there:
        lines.append(f"is at {source.path}")
    elif source.address:
        lines.append(f"is not at {source.path}; fetched from {source.address}")
    else:
        lines.append(f"is not at {source.path}: put it there")
    if entry:
        lines.append(f"trained on {', '.join(entry.trained_on)}; {entry.licence}")
        lines.append(f"in the challenge: {entry.in_challenge}")
    return "\n  ".join(lines)
