import shutil
from pathlib import Path

import pytest

from partparse.cli import main
from partparse.dataset.check import check_dataset
from partparse.dataset.lists import frame_list, read_frame_counts, read_names
from partparse.vocabulary import PARTS
from tests.samples.tiny import FRAMES, human, write_annotation, write_data_set, write_video


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data set without lists."""
    root = write_data_set(tmp_path / "data")
    shutil.rmtree(root / "list")
    return root


def test_lists_are_made(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = {"hip": {"box": [12, 10, 20, 18], "verb": "bend"}}
    bar = {"name": "bar", "box": [1, 1, 9, 9]}
    document = {"humans": [human(parts=parts)], "objects": [bar]}
    write_annotation(root / "test_annotations/jump/t1", 3, document)
    assert main(["make-lists", str(root)]) == 0
    assert read_names(root / "list/body_part.txt") == list(PARTS)
    assert read_names(root / "list/part_stat.txt") == ["bend", "none"]
    assert read_names(root / "list/object.txt") == ["bar"]
    trained = ["j1", "j2", "r1", "r2"]
    assert read_frame_counts(frame_list(root, "train")) == dict.fromkeys(trained, FRAMES)
    assert read_frame_counts(frame_list(root, "test")) == {"t1": FRAMES}
    assert f"{root}/list/part_stat.txt: 2 states\n" in capsys.readouterr().out
    assert list(check_dataset(root)) == []


def test_a_list_that_is_there_stays(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = root / "list/part_stat.txt"
    path.parent.mkdir()
    path.write_text("mine\n")
    assert main(["make-lists", str(root)]) == 0
    assert path.read_text() == "mine\n"
    assert f"{path}: is there, and stays as it is; --overwrite" in capsys.readouterr().out
    assert f"{root}/list/object.txt" not in map(str, path.parent.iterdir())  # there are none
    assert main(["make-lists", str(root), "--overwrite"]) == 0
    assert path.read_text() == "none\n"


def test_every_video_that_cannot_be_read_is_named(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "train_videos/run/r1.mp4").write_bytes(b"nothing")
    (root / "test_videos/jump/t1.mp4").write_bytes(b"")
    whole = write_video(root / "train_videos/run/r2.avi", size=(320, 240))
    (root / "train_videos/run/r2.mp4").unlink()
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    (root / "train_annotations/jump/j1/img_00002.json").write_text("[")
    assert main(["make-lists", str(root)]) == 1
    said = capsys.readouterr().out
    for video in ("train_videos/run/r1.mp4", "test_videos/jump/t1.mp4"):
        assert f"{root}/{video}: can't be read, and is not listed; " in said
    assert "j1/img_00002.json: not valid JSON" in said
    assert f"{frame_list(root, 'test')}: not written: there are no videos" in said
    counts = read_frame_counts(frame_list(root, "train"))
    assert counts == {"j1": FRAMES, "j2": FRAMES, "r2": counts["r2"]}
    assert 0 < counts["r2"] < FRAMES


@pytest.mark.parametrize("name", ["a, b", "x.mp4", "'q'"])
def test_names_that_a_list_may_not_hold_are_told(
    root: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "train_videos/run/r1.mp4").rename(root / f"train_videos/run/{name}.mp4")
    (root / "train_annotations/run/r1").rename(root / f"train_annotations/run/{name}")
    status = main(["make-lists", str(root)])
    listed = read_frame_counts(frame_list(root, "train"))
    assert status == (0 if name in listed else 1)
    assert ("can't stand in it; rename it" in capsys.readouterr().out) == bool(status)
    assert (name in listed) == (name == "a, b")


def test_states_that_are_no_line(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = {"hip": {"box": [12, 10, 20, 18], "verb": "be\nnd "}}
    write_annotation(root / "train_annotations/run/r1", 3, {"humans": [human(parts=parts), 5]})
    assert main(["make-lists", str(root)]) == 1
    assert "the state 'be\\nnd '; expected printable characters" in capsys.readouterr().out
    assert read_names(root / "list/part_stat.txt") == ["none"]


def test_nothing_is_written_where_there_are_no_videos(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["make-lists", str(tmp_path)]) == 1
    assert "train_videos: no such folder" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
