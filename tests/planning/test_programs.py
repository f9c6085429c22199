"""The command lines of programs, and their versions."""

import json
from pathlib import Path

from partparse.planning.programs import command, manifest_files
from partparse.planning.versions import VERSIONS


def words(inputs, outputs=((None, "out"),), owners=None, **parameters):
    return command(Path("go.py"), inputs.items(), outputs, parameters, owners or {})


def test_names_become_options():
    assert words({"model": "m", "frame_tables": ["a_b", "c"], "init": []}, threads=2) == (
        ["go.py", "--model", "m", "--frame-tables", "a_b", "c", "--threads", "2", "--out", "out"]
    )
    outputs = [("parses", "p"), ("expected", "e")]
    assert words({}, outputs) == ["go.py", "--parses-out", "p", "--expected-out", "e"]


def test_what_is_off_is_left_out():
    off = {"mirrored": False, "commit": None, "members": []}
    assert words({}, **off, gpus=0, annotated=True) == (
        ["go.py", "--gpus", "0", "--annotated", "--out", "out"]
    )


def test_files_are_given_by_their_owners():
    given = words({"parses": ["a", "b"]}, owners={"parses": ["vote", "group"]})
    assert given[1:4] == ["--parses", "vote=a", "group=b"]


def test_a_manifest_is_filled_with_the_rule_s_files():
    manifest = {"persons": "p", "parts": {"dots": "d", "plain": "q"}, "val": [{"x": "1"}, "2"]}
    files = [f"local/{file}" for file in manifest_files(manifest)]
    given = words({"manifest": files}, owners={"manifest": manifest})
    assert json.loads(given[2]) == {
        "persons": "local/p",
        "parts": {"dots": "local/d", "plain": "local/q"},
        "val": [{"x": "local/1"}, "local/2"],
    }


def test_versions_are_those_of_programs(repository):
    for name in VERSIONS:
        assert (repository / "scripts" / f"{name}.py").is_file(), name
