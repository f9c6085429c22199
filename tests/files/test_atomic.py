"""Files are whole or absent; broken JSON is named with its place; settings are checked."""

import errno
import json
import subprocess
import sys
from subprocess import PIPE

import pytest

from partparse.errors import InputError
from partparse.files.atomic import (
    atomic_folder,
    atomic_path,
    only_process,
    read_json,
    write_json,
)
from partparse.running.settings import Settings
from partparse.vocabulary import PARTS, Vocabulary, swap_order, swap_side


def test_a_write_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "table.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic_path(path) as temporary:
        temporary.write_text("new")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_fault_names_the_file_that_was_asked_for_not_the_one_that_is_gone(tmp_path):
    full = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(OSError, match="No space") as failed, atomic_path(tmp_path / "a.txt") as new:
        full.filename = str(new)
        raise full
    assert failed.value.filename == str(tmp_path / "a.txt")
    with pytest.raises(FileNotFoundError) as missing, atomic_folder(tmp_path / "folder") as new:
        (new / "lists" / "b.txt").read_text()
    assert missing.value.filename == str(tmp_path / "folder" / "lists" / "b.txt")
    with pytest.raises(FileNotFoundError) as other, atomic_path(tmp_path / "a.txt"):
        (tmp_path / "input.txt").read_text()
    assert other.value.filename == str(tmp_path / "input.txt")


def test_a_lock_is_gone_once_nobody_holds_it(tmp_path):
    with only_process(tmp_path / "table.parquet"):
        assert [path.name for path in tmp_path.iterdir()] == [".table.parquet.lock"]
    assert not list(tmp_path.iterdir())
    with pytest.raises(RuntimeError), only_process(tmp_path / "table.parquet"):
        raise RuntimeError
    assert not list(tmp_path.iterdir())


COUNTER = """
import sys, time
from pathlib import Path
from partparse.files.atomic import only_process
count = Path(sys.argv[1])
for _ in range(50):
    with only_process(count):
        before = int(count.read_text())
        time.sleep(0.0002)
        count.write_text(str(before + 1))
"""


def test_processes_that_wait_for_one_lock_hold_it_one_after_the_other(tmp_path, repository):
    count = tmp_path / "count"
    count.write_text("0")
    command = [sys.executable, "-c", COUNTER, count]
    programs = [subprocess.Popen(command, cwd=repository, stderr=PIPE) for _ in range(3)]
    for program in programs:
        program.communicate(timeout=60)
    assert count.read_text() == "150"
    assert [path.name for path in tmp_path.iterdir()] == ["count"]


def test_json_cut_in_the_middle_is_named_with_line_and_column(tmp_path):
    path = tmp_path / "x.json"
    path.write_text('{"humans": [\n{"box": [1, 2')
    with pytest.raises(InputError, match=r"x\.json: not valid JSON at line 2, column"):
        read_json(path)


def test_json_nested_without_end_is_refused(tmp_path):
    path = tmp_path / "deep.json"
    path.write_text("[" * 200_000)
    with pytest.raises(InputError, match=r"deep\.json: not valid JSON"):
        read_json(path)


def test_json_with_nan_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "x.json", {"a": float("nan")})
    assert not list(tmp_path.iterdir())


class Example(Settings):
    epochs: int
    rate: float = 0.1


def test_settings_come_from_json():
    assert Example.parse(json.dumps({"epochs": 3})) == Example(epochs=3)


def test_an_unknown_setting_is_named_with_those_that_exist():
    message = r"unknown setting 'epoch' \(is 'epochs' meant\?\); known: epochs, rate"
    with pytest.raises(InputError, match=message):
        Example.parse(json.dumps({"epoch": 3}))


def test_a_missing_setting_is_named():
    with pytest.raises(InputError, match="epochs"):
        Example.parse("{}")


def test_sides_swap_and_swap_back():
    assert swap_side("left_arm") == "right_arm"
    assert swap_side("hip") == "hip"
    order = swap_order(PARTS)
    assert [order[i] for i in order] == list(range(len(PARTS)))
    assert [PARTS[i] for i in order] == [swap_side(part) for part in PARTS]


def test_a_vocabulary_survives_the_disk(tmp_path):
    vocabulary = Vocabulary(("run", "jump"), PARTS, ("none", "sit"), ("ball",))
    vocabulary.write(tmp_path / "vocabulary.json")
    assert Vocabulary.read(tmp_path / "vocabulary.json") == vocabulary


def test_a_vocabulary_without_states_is_named(tmp_path):
    (tmp_path / "vocabulary.json").write_text('{"actions": []}')
    with pytest.raises(InputError, match=r"vocabulary\.json: not a vocabulary"):
        Vocabulary.read(tmp_path / "vocabulary.json")
