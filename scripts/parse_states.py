from pathlib import Path

from partparse import tables
from partparse.running.arguments import Job, Parts, Persons, States
from partparse.running.command_line import program
from partparse.running.prediction import Output, make_tables
from partparse.states.rows import parse


@program
def parse_states(*, persons: Persons, parts: Parts, states: States, job: Job, out: Path) -> None:
    """Turn a method's state distributions into its parse: boxes and the likeliest state.

    Args:
        states: Their states.
    """
    make_tables(
        lambda rows: [parse(rows["persons"], rows["parts"], rows["states"])],
        {"persons": persons, "parts": parts, "states": states},
        [Output(tables.PARSES)],
        [out],
        job,
    )
