from pathlib import Path

from partparse import tables
from partparse.running.arguments import Parts, Persons, States
from partparse.running.command_line import program
from partparse.states.rows import parse


@program
def parse_states(*, persons: Persons, parts: Parts, states: States, out: Path) -> None:
    """Turn a method's state distributions into its parse: boxes and the likeliest state.

    Args:
        states: Their states.
    """
    parses = parse(persons, parts, states)
    tables.write(parses, out, tables.PARSES)
