"""Which videos `partparse parse` is asked for."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from partparse.errors import InputError
from partparse.inference.videos import find_videos
from tests.samples.tiny import write_video


def found(faults: list[str], *paths: Path | str) -> list[str]:
    return [video.name for video in find_videos([Path(path) for path in paths], faults.append)]


def test_a_folder_of_videos_stands_for_them(tmp_path: Path) -> None:
    for name in ("b.mp4", "a.avi", "notes.txt", "below/c.mp4"):
        path = tmp_path / "clips" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch() if name == "notes.txt" else write_video(path)
    write_video(tmp_path / "clips/b.mp4").rename(tmp_path / "clips/b.MOV")
    faults: list[str] = []
    assert found(faults, tmp_path / "clips", tmp_path / "clips/a.avi") == ["a", "b"]
    assert faults == []


def test_a_folder_of_pictures_is_a_video(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "img_00001.jpg"), np.zeros((48, 64, 3), np.uint8))
    faults: list[str] = []
    assert found(faults, tmp_path) == [tmp_path.name]
    (tmp_path / "img_00001.jpg").rename(tmp_path / "img_00000.jpg")
    assert found(faults, tmp_path) == []
    assert "img_00000.jpg: frames are numbered from 0" in faults[0]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("https://example.org/clip.mp4", "clip.mp4: an address; expected a file, so download it"),
        ("rtsp://camera/1", "1: an address; expected a file"),
        ("absent.mp4", "absent.mp4: no such video"),
        ("empty", "empty: no video in it; expected .mp4, .mov"),
        ("x.parquet.mp4", "the name 'x.parquet'; expected .* no .parquet at the end"),
    ],
)
def test_what_is_no_video_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    write_video(Path("x.parquet.mp4"))
    with pytest.raises(InputError, match=told):
        find_videos([Path(path)])
