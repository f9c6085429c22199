from pathlib import Path

import pytest

from partparse.dataset.lists import frame_list, read_frame_counts, read_names, read_vocabulary
from partparse.errors import InputError
from partparse.vocabulary import PARTS
from tests.samples.tiny import write_data_set


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_the_vocabulary_of_a_data_set(tmp_path: Path) -> None:
    found = read_vocabulary(write_data_set(tmp_path))
    assert found.actions == ("jump", "run")
    assert found.parts == PARTS
    assert found.states == ("none", "bend")
    assert found.objects == ("bar",)


def test_parts_keep_the_official_order(tmp_path: Path) -> None:
    root = write_data_set(tmp_path)
    (root / "list/body_part.txt").write_text("\n".join(reversed(PARTS)))
    assert read_vocabulary(root).parts == PARTS


def test_other_parts_are_refused(tmp_path: Path) -> None:
    root = write_data_set(tmp_path)
    (root / "list/body_part.txt").write_text("\n".join([*PARTS[:-1], "tail"]))
    with pytest.raises(InputError, match=r"body_part.txt: 'tail' is none of the parts; expected"):
        read_vocabulary(root)
    (root / "list/body_part.txt").write_text("\n".join(PARTS[:-1]))
    with pytest.raises(InputError, match=r"body_part.txt: 'hip' is missing; expected the ten"):
        read_vocabulary(root)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("body_part.txt", "the ten parts"),
        ("part_stat.txt", "your states"),
    ],
)
def test_a_missing_list_is_refused(tmp_path: Path, name: str, what: str) -> None:
    root = write_data_set(tmp_path)
    (root / "list" / name).unlink()
    with pytest.raises(InputError, match=f"list/{name}: no such file; expected {what}, one a line"):
        read_vocabulary(root)


def test_names_may_come_from_any_editor(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "\ufeffstep_on \r\n\r\n\tlean on\r\nnone".encode())
    assert read_names(path) == ["step_on", "lean on", "none"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"none\nbend\nnone\n", "'none' stands there twice"),
        (b"\n \n", "no names in it"),
        ("none".encode("utf-16"), "not a UTF-8 text file"),
    ],
)
def test_lists_that_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_names(write(tmp_path / "part_stat.txt", content))


@pytest.mark.parametrize(
    "content",
    [
        "video,frames\nx y.1,33\nz,8\n",
        "x y.1,33\nz,8\n",
        "name;count\r\nx y.1.mp4;33\r\nz.AVI;8\r\n",
        "x y.1\t33\nz\t8",
        "run/x y.1.mp4 33\njump/z.gif 8\n",
        "\ufefftrain_videos/run/x y.1.mp4, 33\n\ntrain_videos/run/z.webm, 8\n",
        '"video","frames"\n"x y.1","33"\n"z","8"\n',
    ],
)
def test_every_form_of_flist(tmp_path: Path, content: str) -> None:
    assert read_frame_counts(write(tmp_path / "flist.csv", content.encode())) == {
        "x y.1": 33,
        "z": 8,
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"video,frames\na,8\nb,many\n", "line 3: 'b,many'; expected a video's name and frames"),
        (b"a\n", "line 1: 'a'; expected"),
        (b"a,8\nb,-1\n", "line 2: 'b,-1'"),
        (b"jump/t1 8 0\n", "line 1: 'jump/t1 8 0'; expected a video's name and frames"),
        (b"t1,8,0\n", "line 1: 't1,8,0'"),
        (b"t1\t8\t0\n", "line 1: "),
        (b",video,frames\n0,t1,8\n", "line 1: ',video,frames'"),
        (b"a,8\nrun/a.mp4,8\n", "line 2: the video 'a' stands there twice"),
    ],
)
def test_flists_that_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_frame_counts(write(tmp_path / "flist.csv", content))


@pytest.mark.parametrize("line", ["a clip, \u00e9t\u00e9.mp4,11", '"a clip, \u00e9t\u00e9.mp4",11'])
def test_a_name_may_hold_the_separator(tmp_path: Path, line: str) -> None:
    path = write(tmp_path / "flist.csv", f"video,frames\n{line}\n".encode())
    assert read_frame_counts(path) == {"a clip, \u00e9t\u00e9": 11}


def test_objects_and_counts_may_be_left_out(tmp_path: Path) -> None:
    root = write_data_set(tmp_path)
    (root / "list/object.txt").unlink()
    frame_list(root, "val").unlink()
    assert read_vocabulary(root).objects == ()
    assert read_frame_counts(frame_list(root, "val")) == {}


def test_faults_can_be_collected(tmp_path: Path) -> None:
    faults: list[str] = []
    path = write(tmp_path / "flist.csv", b"a,8\nb\nc,x\nd,9\n")
    assert read_frame_counts(path, faults.append) == {"a": 8, "d": 9}
    assert len(faults) == 2
