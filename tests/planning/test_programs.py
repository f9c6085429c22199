"""From a rule's names to its program's words, and whether the programs take them."""

import importlib
import inspect
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from partparse.planning.programs import Manifest, command, filled, manifest_files
from partparse.planning.versions import VERSIONS
from partparse.running.arguments import meaning_of
from partparse.running.command_line import parse
from partparse.vocabulary import PART_GROUPS
from tests.samples.tiny_runs import snakemake

PROGRAM = Path("/scripts/detect.py")
BY_HAND = {"compare_runs", "plan_jobs", "print_methods", "print_problems", "print_times"}


def words(**given: Any) -> list[str]:
    """The words after the program."""
    nothing: dict[str, Any] = {"inputs": [], "outputs": [], "parameters": {}, "owners": {}}
    program, *others = command(PROGRAM, **(nothing | given))
    assert program == str(PROGRAM)
    return others


def test_inputs_and_outputs_are_options_of_their_names() -> None:
    inputs = [("model", "m"), ("val_frames", ["a b", "c"]), ("init", [])]
    assert words(inputs=inputs, outputs=[(None, "o")]) == [
        "--model", "m", "--val-frames", "a b", "c", "--out", "o",
    ]  # fmt: skip
    assert words(outputs=[("parses", "p"), ("by_video", "v")]) == [
        "--parses-out", "p", "--by-video-out", "v",
    ]  # fmt: skip


def test_parameters_are_flags_words_or_left_out() -> None:
    parameters: dict[str, Any] = {
        "mirrored": True,
        "plain": False,
        "init": None,
        "none": [],
        "first": 0,
        "box_score": 0.5,
        "methods": ("a", "b"),
        "root": Path("a b"),
    }
    assert words(parameters=parameters) == [
        "--mirrored", "--first", "0", "--box-score", "0.5", "--methods", "a", "b", "--root", "a b",
    ]  # fmt: skip


def test_files_are_given_with_their_owners() -> None:
    inputs = [("parts", ["p", "q", "r"])]
    owners = {"parts": ["dots", "dots", "plain"]}
    assert words(inputs=inputs, owners=owners) == ["--parts", "dots=p", "dots=q", "plain=r"]
    with pytest.raises(ValueError, match="longer"):
        words(inputs=inputs, owners={"parts": ["dots"]})


def test_a_manifest_has_the_files_that_snakemake_gives() -> None:
    shards: list[Manifest] = [{"states": {"a": "s"}}, {"states": {"a": "t"}}]
    manifest: Manifest = {"persons": "p", "shards": shards}
    assert manifest_files(manifest) == ["p", "s", "t"]
    moved = {"persons": "/x/p", "shards": [{"states": {"a": "/x/s"}}, {"states": {"a": "/x/t"}}]}
    assert filled(manifest, iter(["/x/p", "/x/s", "/x/t"])) == moved
    option, text = words(
        inputs=[("manifest", ["/x/p", "/x/s", "/x/t"])], owners={"manifest": manifest}
    )
    assert (option, json.loads(text)) == ("--manifest", moved)


@pytest.fixture(scope="module")
def programs(repository: Path) -> set[str]:
    """The programs that rules call."""
    rules = "\n".join(path.read_text() for path in (repository / "rules").rglob("*.smk"))
    return set(re.findall(r'\barguments\(\s*"(\w+)"', rules))


def test_versions_are_of_programs_that_rules_call(programs: set[str]) -> None:
    assert VERSIONS.keys() <= programs


def test_every_program_is_called(repository: Path, programs: set[str]) -> None:
    there = {path.stem for path in (repository / "scripts").glob("*.py")}
    assert there == programs | BY_HAND


def test_every_option_says_what_it_is(repository: Path) -> None:
    for path in (repository / "scripts").glob("*.py"):
        function = getattr(importlib.import_module(f"scripts.{path.stem}"), path.stem)
        for name in inspect.signature(function).parameters.keys() - {"job"}:
            told = re.search(rf"^        {name}: ", function.__doc__, re.MULTILINE)
            assert told or meaning_of(name), (path.name, name)


def planned(repository: Path, folder: Path) -> Iterator[list[str]]:
    """The words of every job of a run of all methods, the program's name first."""
    weights = dict.fromkeys(PART_GROUPS, 1.0)
    fusions = {"states": {"mean": {"category": weights, "group": weights}}}
    overlay = folder / "fusion.yaml"
    # the pose net, which the parser takes the place of, and every way to parts
    pose, parts = {"source": "net"}, {"variants": ["dots", "plain", "single", "parser"]}
    overlay.write_text(yaml.safe_dump({"fusions": fusions, "pose": pose, "parts": parts}))
    configs = [str(repository / "configs" / "demo_full.yaml"), str(overlay)]
    more = ["results/report/steps.svg", "results/states/mean/val-000.parquet"]
    targets = ["all", "parse_videos", *more]
    done = snakemake(repository, folder, "-n", "-p", "--configfile", *configs, "--", *targets)
    assert done.returncode == 0, done.stdout + done.stderr
    for line in (done.stdout + done.stderr).splitlines():
        if found := re.search(r"/scripts/(\w+)\.py(.*) 2> >\(tee ", line):
            yield [found[1], *shlex.split(found[2])]


@pytest.mark.workflow
def test_programs_take_the_words_of_their_rules(
    repository: Path, programs: set[str], tmp_path: Path
) -> None:
    called = set()
    for program, *given in planned(repository, tmp_path):
        called.add(program)
        parse(getattr(importlib.import_module(f"scripts.{program}"), program), given)
    assert called == programs
