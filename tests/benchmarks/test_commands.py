"""The commands that benchmarks start programs with are understood by them."""

import argparse
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.ensemble.decision import Bench
from benchmarks.scale.stages import Tables, shard_stages, split_stages
from partparse.running.command_line import parse

TABLES = Tables(Path("tables"), 1)
BENCH = Bench(Path("tables"), argparse.Namespace(methods=2))
COMMANDS = [
    *(command for _, command in (*shard_stages(TABLES), *split_stages(TABLES))),
    BENCH.fit(Path("model"), ["train-0"], ["val-0", "val-1"]),
    BENCH.decide(Path("model"), "test-0"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: Path(command[1]).stem)
def test_programs_understand_what_they_are_given(command: list[str]) -> None:
    _, script, *words = command
    name = Path(script).stem
    assert parse(getattr(import_module(f"scripts.{name}"), name), words)
