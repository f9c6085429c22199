"""What is meant to do harm: names that leave their folder, bombs, pipes, checkpoints with code."""

import errno
import hashlib
import io
import json
import os
import pickle
import re
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from partparse.challenge import format as challenge
from partparse.challenge.format import PREDICTION, actions_file, parts_file, read_object
from partparse.challenge.submission import LISTED_FAULTS, check_submission
from partparse.cli import main
from partparse.dataset.annotation import read_video
from partparse.dataset.check import check_dataset
from partparse.dataset.keypoints import load_keypoints
from partparse.dataset.layout import list_videos
from partparse.dataset.lists import read_frame_counts, read_names
from partparse.detection.yolo import detector as yolo
from partparse.errors import InputError
from partparse.files.atomic import MAX_JSON
from partparse.files.weights import read_state_dict
from partparse.frames.names import MAX_FRAMES, frame_number
from partparse.learning.pretrained import load_pretrained, load_trained
from partparse.planning.settings import check_config
from partparse.running.command_line import run
from partparse.vocabulary import PARTS, Vocabulary
from tests.samples.fuzz import within
from tests.samples.tiny import write_data_set

NAMES = ["../evil", "/etc/evil", "a\0b", "a/../../evil", "a\\b", "a\nerror: b", "\x1b[31mred"]
VOCABULARY = Vocabulary(("run",), PARTS, ("none", "bend"), ("bar",))
ACTIONS, FRAMES = actions_file(PREDICTION), parts_file(PREDICTION)


def refusal(call: Callable[..., Any], *arguments: Any) -> str:
    """The one line of the InputError that the call ends in, soon."""
    with within(10), pytest.raises(InputError) as error:
        call(*arguments)
    assert str(error.value).isprintable()
    return str(error.value)


def files_in(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def test_listed_names_lead_nowhere(tmp_path: Path) -> None:
    root = write_data_set(tmp_path / "data")
    flist = root / "list" / "video_train_flist.csv"
    flist.write_bytes(flist.read_bytes() + "".join(f"{n!a},8\n{n},8\n" for n in NAMES).encode())
    before = files_in(tmp_path)
    assert not [name for name in read_frame_counts(flist, str) if "/" in name]
    faults = list(check_dataset(root))
    assert len(faults) >= len(NAMES)
    assert all(fault.isprintable() for fault in faults)
    assert files_in(tmp_path) == before


@pytest.mark.parametrize("name", ["a\\b", "a\nerror: b", "\x1b[31mred", ".hidden", "a\udcff"])
def test_an_action_s_folder_has_a_plain_name(tmp_path: Path, name: str) -> None:
    root = write_data_set(tmp_path / "data")
    (root / "train_videos" / "run").rename(root / "train_videos" / name)
    assert "expected printable characters" in refusal(list_videos, root)


def test_submitted_names_are_names_and_no_paths(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames: Any = {f"{name}": {name: {"humans": []}} for name in NAMES}
    (tmp_path / ACTIONS).write_text(json.dumps(dict.fromkeys(NAMES, 1)))
    (tmp_path / FRAMES).write_text(json.dumps(frames))
    before = files_in(tmp_path)
    assert main(["check-submission", str(tmp_path)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert len(said) >= 2 * len(NAMES)
    assert all(line.isprintable() and line.startswith("pred_") for line in said)
    assert files_in(tmp_path) == before


def pack(path: Path, members: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_nothing_is_unpacked_from_a_zip(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"v": "run"}')
    members = dict.fromkeys(("../evil", "/etc/evil", f"../{ACTIONS}"), b'{"v": "run"}')
    path = pack(tmp_path / "slip.zip", members)
    assert f"expected {ACTIONS} at the top of the zip" in refusal(read_object, path, ACTIONS)
    link = zipfile.ZipInfo(ACTIONS)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, str(tmp_path / "secret.json"))
    assert f"{ACTIONS}: not valid JSON" in refusal(read_object, path, ACTIONS)
    assert files_in(tmp_path) == {path, tmp_path / "secret.json"}


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = pack(tmp_path / "bomb.zip", {ACTIONS: bytes(8 << 20)})
    assert bomb.stat().st_size < 10_000
    monkeypatch.setattr(challenge, "MAX_BYTES", 1 << 20)
    expected = f"{bomb}/{ACTIONS}: expected at most {1 << 20} bytes, got {8 << 20}"
    assert refusal(read_object, bomb, ACTIONS) == expected
    # one that says it is small: no more than it says comes out
    data = bomb.read_bytes()
    assert data.count((8 << 20).to_bytes(4, "little")) == 2
    bomb.write_bytes(data.replace((8 << 20).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    assert str(bomb) in refusal(read_object, bomb, ACTIONS)
    pack(bomb, {ACTIONS: b"{}"}, zipfile.ZIP_BZIP2)
    assert "expected the usual compression" in refusal(read_object, bomb, ACTIONS)


def test_a_submission_beyond_all_size_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(challenge, "MAX_BYTES", 10)
    (tmp_path / ACTIONS).write_text('{"v": "running"}')
    assert refusal(read_object, tmp_path, ACTIONS).endswith("expected at most 10 bytes, got 16")


def test_a_high_frame_number_does_not_make_a_long_list(tmp_path: Path) -> None:
    name = f"img_{MAX_FRAMES}.json"
    assert frame_number(name, "json") == MAX_FRAMES
    for beyond in (f"img_{MAX_FRAMES + 1}.json", f"img_{'9' * 5000}.json", "img_٠٠٠٠١.json"):
        assert frame_number(beyond, "json") is None
    (tmp_path / ACTIONS).write_text('{"v": "run"}')
    (tmp_path / FRAMES).write_text(f'{{"v": {{"{name}": {{"humans": []}}}}}}')
    with within(10):
        faults = check_submission(tmp_path)
    assert len(faults) == LISTED_FAULTS + 1
    assert faults[-1].endswith(" more faults")


@pytest.mark.parametrize(
    "text",
    [
        '{"humans": ' + "[" * 100_000,
        '{"humans": ' + "[" * 900 + "]" * 900 + "}",
        '{"humans": [{"box": [1, 2, 3, ' + "9" * 5000 + "]}]}",
        '{"humans": [{"box": [1, 2, 3, 1e999]}]}',
        '{"humans": [{"number": ' + "9" * 4000 + ', "box": [1, 2, 3, 4]}]}',
        '{"humans": [{"number": 40000, "box": [1, 2, 3, 4]}]}',
        '{"humans": [' + "[]," * 300_000 + "[]]}",
        '{"humans": [{"box": [1, 2, 3, 4], "parts": {"' + "\\n" * 9000 + '": {}}}]}',
    ],
)
def test_annotations_that_are_bombs(tmp_path: Path, text: str) -> None:
    path = tmp_path / "img_00001.json"
    path.write_text(text)
    assert refusal(read_video, tmp_path, VOCABULARY, (64, 48)).startswith(str(path))


def test_of_two_equal_keys_the_last_counts(tmp_path: Path) -> None:
    (tmp_path / "img_00001.json").write_text('{"humans": 1, "humans": [{"box": [1, 2, 3, 4]}]}')
    assert read_video(tmp_path, VOCABULARY, (64, 48)).persons.person.tolist() == [1]


def test_an_annotation_beyond_all_size_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "img_00001.json").open("wb") as file:
        file.truncate(MAX_JSON + 1)
    told = refusal(read_video, tmp_path, VOCABULARY, None)
    assert told.endswith(f"expected at most {MAX_JSON} bytes, got {MAX_JSON + 1}")


def test_pipes_and_devices_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "img_00001.json")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    assert "not a regular file" in refusal(read_video, tmp_path, VOCABULARY, None)
    for name in ("pipe", "zero"):
        for read in (read_names, read_frame_counts, load_keypoints):
            assert "not a regular file" in refusal(read, tmp_path / name)


@pytest.mark.parametrize("line", ["v," + "9" * 5000, f"v,{MAX_FRAMES + 1}", "," * 900_000])
def test_flists_that_are_bombs(tmp_path: Path, line: str) -> None:
    (tmp_path / "flist.csv").write_text(f"video,frames\n{line}\n")
    assert "line 2: " in refusal(read_frame_counts, tmp_path / "flist.csv")


def test_a_long_list_of_names_is_read_soon(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("".join(f"name {n}\n" for n in range(100_000)) + "name 7\n")
    assert "'name 7' stands there twice" in refusal(read_names, tmp_path / "names.txt")


def test_keypoints_that_are_bombs(tmp_path: Path) -> None:
    path = tmp_path / "v.npz"
    head = io.BytesIO()
    shape = {"descr": "<f4", "fortran_order": False, "shape": (10**6, 10**4, 17, 3)}
    np.lib.format.write_array_header_1_0(head, shape)
    pack(path, {"keypoints.npy": head.getvalue()})
    assert "not a readable .npz file" in refusal(load_keypoints, path)
    data = pack(path, {"keypoints.npy": bytes(1 << 20)}).read_bytes()
    size, claimed = (1 << 20).to_bytes(4, "little"), (2**31).to_bytes(4, "little")
    path.write_bytes(data.replace(size, claimed))
    assert f"got {2**31}" in refusal(load_keypoints, path)
    np.savez(path, keypoints=np.array([_Code(tmp_path / "ran")], object))
    assert "not a readable .npz file" in refusal(load_keypoints, path)
    assert not (tmp_path / "ran").exists()


class _Code:
    """Pickled, it touches a file when it is loaded."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.target,))


LOADERS: dict[str, Callable[[Path], Any]] = {
    "state dict": read_state_dict,
    "pretrained network": lambda path: load_pretrained(torch.nn.Linear(1, 1), path),
    "trained network": lambda path: load_trained(torch.nn.Linear(1, 1), path.parent),
    "detector": lambda path: yolo.Detector.load(path.parent, "cpu"),
    "ultralytics": lambda path: yolo.read_pretrained(
        str(path), hashlib.sha256(path.read_bytes()).hexdigest()
    ),
}


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("loader", LOADERS)
def test_code_in_a_checkpoint_does_not_run(tmp_path: Path, loader: str) -> None:
    path = tmp_path / "weights.pt"
    code = _Code(tmp_path / "ran")
    for make in (
        lambda: torch.save({"state_dict": code, "model": code, "state": code}, path),
        lambda: torch.save({"a": torch.ones(1), "b": code}, path),
        lambda: torch.save(code, path, _use_new_zipfile_serialization=False),
        lambda: path.write_bytes(pickle.dumps(code)),
        lambda: path.write_bytes(pickle.dumps({"state_dict": code})),
    ):
        make()
        assert "weights.pt" in refusal(LOADERS[loader], path)
        assert not (tmp_path / "ran").exists()
    pickle.loads(path.read_bytes())  # it is no dud
    assert (tmp_path / "ran").exists()


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("suffix", [".pt", ".pth", ".ckpt", ".safetensors", ""])
def test_the_suffix_of_a_checkpoint_is_not_believed(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"weights{suffix}"
    path.write_bytes(pickle.dumps(_Code(tmp_path / "ran")))
    what = "a file of tensors" if suffix == ".safetensors" else "a plain file of weights"
    assert refusal(read_state_dict, path).startswith(f"{path}: not {what}")
    assert not (tmp_path / "ran").exists()


def test_a_checkpoint_is_not_unpacked_beyond_its_size(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1 << 16)}, tmp_path / "plain.pth")
    assert len(read_state_dict(tmp_path / "plain.pth")["a"]) == 1 << 16
    with zipfile.ZipFile(tmp_path / "plain.pth") as plain:
        pack(tmp_path / "bomb.pth", {name: plain.read(name) for name in plain.namelist()})
    told = refusal(read_state_dict, tmp_path / "bomb.pth")
    assert told.endswith("expected tensors without compression")


def test_no_other_place_unpickles(repository: Path) -> None:
    found = [
        (str(path.relative_to(repository)), line.strip())
        for folder in ("partparse", "scripts")
        for path in (repository / folder).rglob("*.py")
        for line in path.read_text().splitlines()
        if re.search(r"\b(torch\.load|pickle\.loads?|Unpickler|joblib\.load)\(", line)
    ]
    expected = {"partparse/files/weights.py", "partparse/detection/yolo/detector.py"}
    assert {name for name, _ in found} >= expected
    assert [line for _, line in found if "weights_only=True" not in line] == []


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 15)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BOMB, "config: expected at most 10000 entries, aliases included"),
        ("demo: &d {seed: *d}", "config: demo: expected at most 20 levels"),
        ("demo: &d [*d]", "config: demo: expected at most 20 levels"),
        ("demo: " + "[" * 50 + "]" * 50, "config: demo: expected at most 20 levels"),
        ("demo: {seed: .nan}", "config: demo.seed: nan; expected a finite number"),
        ("demo: {seed: 1e999}", "config: demo.seed: expected a whole number, got '1e999'"),
        (
            "demo: {seed: " + "9" * 400 + "}",
            "config: demo.seed: expected a number between -2147483648 and 2147483648",
        ),
        (
            "demo: {seed: 2001-01-01}",
            "config: demo.seed: a date; expected text, a number, true, false or null",
        ),
        ("demo: {1: 2}", "config: demo: the name 1; expected text"),
        ("dataset: {shards: 3}", "config: dataset.shards: expected a mapping, got 3"),
    ],
)
def test_configs_that_are_bombs(repository: Path, text: str, told: str) -> None:
    base = yaml.safe_load((repository / "config.yaml").read_text())
    for name, section in yaml.safe_load(text).items():
        plain = isinstance(section, dict) and "&" not in text
        base[name] = base[name] | section if plain else section
    assert refusal(check_config, base) == told


def test_a_fault_of_the_disk_ends_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write_data_set(tmp_path / "data")
    (tmp_path / "file").write_text("")
    assert main(["make-gt", str(root), str(tmp_path / "file" / "gt")]) == 1
    told = capsys.readouterr().err
    assert re.fullmatch(r"error: \[Errno \d+\] .*file.*\n", told)

    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "results/a\nb.parquet")

    with pytest.raises(SystemExit) as ended:
        run(full, [])
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert re.fullmatch(r"error: results/a\\nb\.parquet: no space left on the disk.*\n", told)


def test_what_a_terminal_cannot_show_is_escaped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", ascii_only)
    (tmp_path / ACTIONS).write_text('{"ü": 1}')
    (tmp_path / FRAMES).write_text('{"ü": {}}')
    assert main(["check-submission", str(tmp_path)]) == 1
    ascii_only.flush()
    assert b"video \\xfc" in ascii_only.buffer.getvalue()
