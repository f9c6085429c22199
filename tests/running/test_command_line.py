"""Programs called by the words of a command line."""

import runpy
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from partparse import tables
from partparse.errors import InputError
from partparse.planning.programs import command
from partparse.running import command_line
from partparse.running.arguments import Frames, Job, Parts, Persons
from partparse.running.command_line import parse, run

ODD = ["a b.parquet", "it's.parquet", '"q".parquet', "{shard}.parquet", "[1].parquet", "a=b"]
"""Names of files that shells, formats, JSON or options may take for something else."""


class Boxes(BaseModel):
    model_config = ConfigDict(extra="forbid")

    score: float = Field(le=1)
    size: tuple[int, int] = (8, 8)


def program(
    *,
    frames: list[Path] = [],  # noqa: B006
    table: Path | None = None,
    parts: dict[str, Path] | None = None,
    several: dict[str, list[Path]] | None = None,
    weights: dict[str, float] | None = None,
    settings: Boxes | None = None,
    box_score: float = 0.5,
    mirrored: bool = False,
    job: Job,
    out: Path | None = None,
) -> None:
    """Find what is there.

    More of it.

    Args:
        frames: Tables of frames.
        box_score: Least that counts.
    """


def given(*words: object) -> dict[str, Any]:
    """What the words give the program, but for its job."""
    found = parse(program, [*map(str, words)])
    return {name: value for name, value in found.items() if name != "job"}


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line that is said of wrong words."""
    with pytest.raises(SystemExit) as ended:
        parse(program, words)
    said, line = capsys.readouterr()
    assert (ended.value.code, said, line.count("\n")) == (2, "", 1)
    assert line.startswith("error: ")
    return line


def test_a_list_takes_several_words() -> None:
    assert given("--frames", "a", "b", "--mirrored") == {
        "frames": [Path("a"), Path("b")],
        "mirrored": True,
    }
    assert given("--frames", "a", "--frames", "b") == {"frames": [Path("a"), Path("b")]}
    assert given("--box-score=0.25", "--table", "a") == {"box_score": 0.25, "table": Path("a")}


def test_what_is_not_named_has_its_default() -> None:
    assert given() == {}
    assert parse(program, [])["job"] == Job()


def test_a_list_that_is_named_is_not_empty(capsys) -> None:
    assert "--frames" in refused(capsys, "--frames")
    assert "--frames" in refused(capsys, "--frames", "--mirrored")


def test_entries_have_names(capsys) -> None:
    assert given("--parts", "dots=a", "plain=b=c") == {
        "parts": {"dots": Path("a"), "plain": Path("b=c")}
    }
    assert given("--several", "a=1", "b=2", "a=3") == {
        "several": {"a": [Path("1"), Path("3")], "b": [Path("2")]}
    }
    assert given("--weights", "a=0.5", "b=2") == {"weights": {"a": 0.5, "b": 2.0}}
    assert "'dots': expected NAME=VALUE" in refused(capsys, "--parts", "dots")
    assert "'dots' is named twice" in refused(capsys, "--parts", "dots=a", "dots=b")
    assert "a: " in refused(capsys, "--weights", "a=heavy")


def test_settings_are_json(capsys) -> None:
    words = ["--settings", '{"score": 0.5, "size": [4, 6]}']
    assert given(*words) == {"settings": Boxes(score=0.5, size=(4, 6))}
    assert "--settings" in refused(capsys, "--settings", "{score}")


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ("{}", "score: "),
        ('{"score": "high"}', "score: "),
        ('{"score": 2}', "score: "),
        ('{"score": 0.5, "size": [4]}', "size"),
        ('{"score": 0.5, "colour": 1}', "colour"),
    ],
)
def test_a_wrong_setting_is_named(capsys, settings: str, field: str) -> None:
    assert field in refused(capsys, "--settings", settings)


def test_misspelt_options_are_told_what_was_meant(capsys) -> None:
    line = refused(capsys, "--box-scor", "1")
    assert "--box-scor" in line.replace("--box-score", "")
    assert "--box-score" in line
    assert "--no-mirrored" in refused(capsys, "--no-mirrored")
    assert "table.parquet" in refused(capsys, "table.parquet")
    assert "half" in refused(capsys, "--box-score", "half")


def test_an_option_that_is_needed_is_named(capsys) -> None:
    def needs(*, frames: list[Path], out: Path) -> None: ...

    with pytest.raises(SystemExit) as ended:
        parse(needs, ["--frames", "a"])
    assert ended.value.code == 2
    assert "--out" in capsys.readouterr().err


def test_the_job_has_options_of_its_own() -> None:
    def asks(*, out: Path, job: Job) -> None: ...

    def does_not_ask(*, out: Path) -> None: ...

    words = ["--out", "a", "--version", "3", "--threads", "2", "--gpus", "1"]
    for asked in (asks, does_not_ask):
        assert parse(asked, words) == {"out": Path("a"), "job": Job(3, 2, 1)}


def test_help_is_the_docstring(capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(program, ["--help"])
    assert not ended.value.code
    said = capsys.readouterr().out
    for text in ("Find what is there.", "More of it.", "Tables of frames.", "Least that counts."):
        assert text in said
    assert "--version" in said


def test_odd_names_of_files_arrive_as_they_are() -> None:
    inputs = [("frames", ODD), ("table", ODD[0]), ("parts", ODD), ("several", ODD)]
    owners = {"parts": [f"n{n}" for n in range(len(ODD))], "several": ["n"] * len(ODD)}
    words = command(Path("program.py"), inputs, [(None, ODD[4])], {}, owners)
    assert given(*words[1:]) == {
        "frames": [Path(name) for name in ODD],
        "table": Path(ODD[0]),
        "parts": {f"n{n}": Path(name) for n, name in enumerate(ODD)},
        "several": {"n": [Path(name) for name in ODD]},
        "out": Path(ODD[4]),
    }


def test_cores_and_gpus_are_claimed_first(monkeypatch) -> None:
    order: list[object] = []
    monkeypatch.setattr(command_line, "claim", lambda *what: order.append(what))

    def asks(*, job: Job) -> None:
        order.append(job)

    def does_not_ask() -> None:
        order.append("called")

    words = ["--threads", "2", "--gpus", "1"]
    run(asks, words)
    run(does_not_ask, words)
    assert order == [(2, 1), Job(threads=2, gpus=1), (2, 1), "called"]


def test_wrong_input_ends_a_program_with_one_line_and_status_1(capsys, monkeypatch) -> None:
    def wrong() -> None:
        raise InputError("file.json: entry 3: expected a box")

    monkeypatch.setattr(command_line, "claim", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        run(wrong, [])
    assert ended.value.code == 1
    assert capsys.readouterr().err == "error: file.json: entry 3: expected a box\n"


def test_words_are_those_of_the_process(monkeypatch) -> None:
    monkeypatch.setattr(sys, "argv", ["program.py", "--table", "a"])
    assert parse(program)["table"] == Path("a")


def test_files_are_read_once_the_job_has_its_cores(tmp_path: Path) -> None:
    seen: dict[str, Any] = {}

    def program(*, persons: Persons, frames: Frames, parts: Parts | None = None) -> None:
        """Look at tables."""
        seen.update(persons=persons, frames=frames, parts=parts)

    persons = tables.empty(tables.PERSONS)
    paths = [tmp_path / f"{name}.parquet" for name in ("a", "b")]
    for path in paths:
        tables.write(persons, path, tables.PERSONS)
    tables.write(tables.empty(tables.FRAMES), tmp_path / "frames.parquet", tables.FRAMES)
    words = ["--persons", *map(str, paths), "--frames", str(tmp_path / "frames.parquet")]
    run(program, words)
    assert seen["persons"].columns.tolist() == persons.columns.tolist()
    assert seen["frames"].cache == tmp_path
    assert seen["parts"] is None


def test_a_file_that_is_no_such_table_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def program(*, persons: Persons) -> None:
        """Look at a table."""

    with pytest.raises(SystemExit) as ended:
        run(program, ["--persons", str(tmp_path / "none.parquet")])
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith(f"error: {tmp_path}/none.parquet: ")


def test_a_program_is_run_where_its_file_is(tmp_path, monkeypatch) -> None:
    file = tmp_path / "write.py"
    file.write_text(
        "from pathlib import Path\n"
        "from partparse.running.command_line import program\n\n\n"
        "@program\ndef write(*, out: Path) -> None:\n    out.touch()\n"
    )
    monkeypatch.setattr(command_line, "claim", lambda *_: None)
    monkeypatch.setattr(sys, "argv", [str(file), "--out", str(tmp_path / "written")])
    imported = runpy.run_path(str(file))
    assert not (tmp_path / "written").exists()
    imported["write"](out=tmp_path / "called")
    runpy.run_path(str(file), run_name="__main__")
    assert (tmp_path / "called").exists()
    assert (tmp_path / "written").exists()
