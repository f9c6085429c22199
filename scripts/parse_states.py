from pathlib import Path

from partparse import tables
from partparse.running.command_line import program
from partparse.states.rows import parse


@program
def parse_states(*, persons: Path, parts: Path, states: Path, out: Path) -> None:
    """Turn a method's state distributions into its parse: boxes and the likeliest state.

    Args:
        states: Their states.
    """
    parses = parse(
        tables.read(persons, tables.PERSONS),
        tables.read(parts, tables.PARTS_TABLE),
        tables.read(states, tables.STATES),
    )
    tables.write(parses, out, tables.PARSES)
