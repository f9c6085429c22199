import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.extraction.plain import extract
from benchmarks.made_up.pictures import write_videos
from partparse import tables
from partparse.augment import Picture
from partparse.dataset.layout import list_videos
from partparse.dataset.lists import read_vocabulary
from partparse.dataset.tables import read_dataset
from partparse.errors import InputError
from partparse.frames import extraction
from partparse.frames.cache import (
    extract_shard,
    extraction_job,
    read_frame,
)
from partparse.frames.decoding import Faults, decode_timed
from partparse.frames.extraction import extract_frames, write_picture
from partparse.frames.picture_cache import RECORD, Extracted, picture_path
from partparse.frames.settings import FrameSettings
from tests.samples.tiny import FRAMES, HEIGHT, WIDTH, level, write_data_set, write_video

SETTINGS = FrameSettings()


def extract_video(
    source: Path, cache: Path, video: str, settings: FrameSettings, version: int
) -> Extracted:
    """One video, as `extract_shard` extracts each of its videos."""
    return extract_frames(*extraction_job(source, cache, video, settings, version))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache that holds the video `v`."""
    extract_video(write_video(tmp_path / "v.mp4"), tmp_path / "frames", "v", SETTINGS, 1)
    return tmp_path / "frames"


def test_frames_are_written_from_one(cache: Path) -> None:
    names = sorted(path.name for path in (cache / "v").glob("*.jpg"))
    assert names == [f"img_{number:05d}.jpg" for number in range(1, FRAMES + 1)]
    for number in range(1, FRAMES + 1):
        picture = read_frame(cache, "v", number)
        assert picture.shape == (HEIGHT, WIDTH, 3)
        assert abs(picture.mean() - level(number - 1)) < 4


def test_pictures_are_those_of_a_plain_loop_to_the_byte(tmp_path: Path) -> None:
    source = tmp_path / "moving.mp4"
    write_videos(tmp_path, ["moving"], frames=9, size=(340, 256))
    extract_video(source, tmp_path / "frames", "v", SETTINGS, 1)
    (tmp_path / "plain").mkdir()
    count = extract(source, tmp_path / "plain", SETTINGS.jpeg_quality)
    plain = {path.name: path.read_bytes() for path in (tmp_path / "plain").iterdir()}
    assert len(plain) == count == 9
    assert plain == {p.name: p.read_bytes() for p in (tmp_path / "frames" / "v").glob("*.jpg")}


def test_frames_are_read_as_rgb(tmp_path: Path) -> None:
    import cv2

    (tmp_path / "v").mkdir()
    red_in_bgr = np.full((8, 8, 3), (0, 0, 255), np.uint8)
    cv2.imwrite(str(picture_path(tmp_path, "v", 1)), red_in_bgr)
    assert read_frame(tmp_path, "v", 1)[0, 0].tolist() == pytest.approx([254, 0, 0], abs=2)


@pytest.mark.parametrize("name", ["../v", "a/b", "", "..", "a\0b"])
def test_an_id_that_leaves_the_cache_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="not a video id"):
        picture_path(tmp_path, name, 1)


def test_a_frame_that_is_not_there(cache: Path) -> None:
    with pytest.raises(InputError, match=r"img_00009.jpg: no such frame"):
        read_frame(cache, "v", 9)
    picture_path(cache, "v", 2).write_bytes(b"")
    with pytest.raises(InputError, match=r"img_00002.jpg: not a readable picture"):
        read_frame(cache, "v", 2)


def test_a_second_run_does_nothing(cache: Path) -> None:
    before = picture_path(cache, "v", 1).stat().st_mtime_ns
    again = extract_video(cache.parent / "v.mp4", cache, "v", SETTINGS, 1)
    assert (again.frames, again.width, again.height) == (FRAMES, WIDTH, HEIGHT)
    assert picture_path(cache, "v", 1).stat().st_mtime_ns == before


def test_a_changed_source_or_setting_is_extracted_again(cache: Path) -> None:
    source = write_video(cache.parent / "v.mp4", frames=3)
    assert extract_video(source, cache, "v", SETTINGS, 1).frames == 3
    assert not picture_path(cache, "v", 4).exists()
    before = picture_path(cache, "v", 1).read_bytes()
    extract_video(source, cache, "v", FrameSettings(jpeg_quality=20), 1)
    assert picture_path(cache, "v", 1).read_bytes() != before


def test_pictures_of_another_version_are_made_again(cache: Path) -> None:
    picture_path(cache, "v", 1).write_bytes(b"of code with a fault")
    source = cache.parent / "v.mp4"
    kept = extract_video(source, cache, "v", SETTINGS, 1)
    assert picture_path(cache, "v", 1).read_bytes() == b"of code with a fault"
    assert extract_video(source, cache, "v", SETTINGS, 2).source != kept.source
    assert read_frame(cache, "v", 1).shape == (HEIGHT, WIDTH, 3)


def test_a_picture_that_was_deleted_is_made_again(cache: Path) -> None:
    picture_path(cache, "v", 5).unlink()
    assert extract_video(cache.parent / "v.mp4", cache, "v", SETTINGS, 1).frames == FRAMES
    assert picture_path(cache, "v", 5).exists()


def test_the_table_changes_whenever_the_pictures_may_have(tmp_path: Path) -> None:
    root = write_data_set(tmp_path / "data")
    film = root / "test_videos/jump/t1.mp4"

    def sources(quality: int = 95, version: int = 1) -> tuple[str, str]:
        """Of another video, and of the one that is replaced."""
        videos = read_dataset(root, list_videos(root), read_vocabulary(root)).videos
        chosen = FrameSettings(jpeg_quality=quality)
        frames, _ = extract_shard(
            videos, root, tmp_path / "frames", chosen, version=version, workers=1
        )
        table = frames.set_index("video")
        assert (table["frames"] == FRAMES).all()
        return table["source"]["j1"], table["source"]["t1"]

    first = sources()
    assert sources() == first
    assert not set(sources(quality=50)) & set(first)
    assert not set(sources(version=2)) & set(first)
    later = film.stat().st_mtime_ns + 1_000_000
    film.write_bytes(film.read_bytes())  # a video of the same length
    os.utime(film, ns=(later, later))
    replaced = sources()
    assert replaced[0] == first[0]
    assert replaced[1] != first[1]


def test_a_killed_job_leaves_nothing_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_video(tmp_path / "v.mp4")
    pictures = iter(range(3))

    def dies(*_: object) -> tuple[bool, np.ndarray]:
        if next(pictures, None) is None:
            raise KeyboardInterrupt
        return True, np.zeros(10, np.uint8)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("cv2.imencode", dies)
        extract_video(source, tmp_path / "frames", "v", SETTINGS, 1)
    assert not (tmp_path / "frames/v").exists()
    assert extract_video(source, tmp_path / "frames", "v", SETTINGS, 1).frames == FRAMES
    assert len(list((tmp_path / "frames/v").glob("*.jpg"))) == FRAMES
    assert [path.name for path in (tmp_path / "frames").iterdir()] == ["v"]


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"frames": 8, "result": {}}'])
def test_a_record_that_says_nothing_is_not_believed(cache: Path, record: str) -> None:
    (cache / "v" / RECORD).write_text(record)
    picture_path(cache, "v", 5).unlink()
    assert extract_video(cache.parent / "v.mp4", cache, "v", SETTINGS, 1).frames == FRAMES
    assert picture_path(cache, "v", 5).exists()


def test_a_video_with_a_problem_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "v.mp4").touch()
    bad = extract_video(tmp_path / "v.mp4", tmp_path / "frames", "v", SETTINGS, 1)
    assert (bad.frames, bad.width, bad.height) == (0, 0, 0)
    assert bad.problem == "Invalid data found when processing input"
    assert json.loads((tmp_path / "frames/v" / RECORD).read_text())["problem"] == bad.problem
    write_video(tmp_path / "v.mp4")
    assert extract_video(tmp_path / "v.mp4", tmp_path / "frames", "v", SETTINGS, 1).frames == FRAMES


def test_a_source_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"v.mp4: no such video"):
        extract_video(tmp_path / "v.mp4", tmp_path / "frames", "v", SETTINGS, 1)


def test_a_quality_that_is_none() -> None:
    with pytest.raises(InputError, match="jpeg_quality: expected at most 100, got 101"):
        FrameSettings.of({"jpeg_quality": 101})


@pytest.mark.parametrize("workers", [1, 2])
def test_a_shard_goes_on_after_a_bad_video(tmp_path: Path, workers: int) -> None:
    root = write_data_set(tmp_path / "data")
    (root / "train_videos/jump/j1.mp4").write_bytes(b"")
    (root / "train_videos/run/r1.mp4").write_text("this is no video")
    write_video(root / "train_videos/run/r2.mp4", frames=5)
    videos = read_dataset(root, list_videos(root), read_vocabulary(root)).videos
    frames, times = extract_shard(
        videos, root, tmp_path / "frames", SETTINGS, version=1, workers=workers
    )
    assert times.groupby("video")["frame"].max().to_dict() == {"j2": 8, "r2": 5, "t1": 8}
    assert times.loc[times["video"] == "r2", "time"].tolist() == pytest.approx(
        [0, 0.1, 0.2, 0.3, 0.4]
    )
    tables.write(frames, tmp_path / "frames.parquet", tables.FRAMES)
    frames = tables.read(tmp_path / "frames.parquet", tables.FRAMES).set_index("video")
    assert frames["frames"].to_dict() == {"j1": 0, "j2": 8, "r1": 0, "r2": 5, "t1": 8}
    assert frames["expected"].eq(8).all()
    assert frames.loc["j1", ["width", "height"]].tolist() == [0, 0]
    assert frames.loc["j1", "problem"] == (
        "no frame decodes; 0 frames decode, 8 expected; Invalid data found when processing input"
    )
    assert frames.loc["r2", "problem"] == "5 frames decode, 8 expected"
    assert frames["problem"].isna().sum() == 2


def test_a_shard_without_videos(tmp_path: Path) -> None:
    frames, times = extract_shard(
        tables.empty(tables.VIDEOS), tmp_path, tmp_path, SETTINGS, version=1, workers=2
    )
    pd.testing.assert_frame_equal(frames, tables.empty(tables.FRAMES))
    pd.testing.assert_frame_equal(times, tables.empty(tables.TIMES))


def test_a_path_that_leaves_the_root_is_refused(tmp_path: Path) -> None:
    row = {"video": "v", "split": "test", "path": "../v.mp4", "frames": 8, "fps": 10.0}
    with pytest.raises(InputError, match="not a path of a video"):
        extract_shard(pd.DataFrame([row]), tmp_path, tmp_path, SETTINGS, version=1, workers=1)


@pytest.mark.parametrize("error", [IndexError("index 7"), InputError("as of JPEG")])
def test_what_a_video_raises_leaves_it_without_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def decode(source: Path, faults: Faults) -> Iterator[tuple[Picture, float | None]]:
        for number, timed in enumerate(decode_timed(source, faults)):
            if source.stem == "j1" and number == 3:
                raise error
            yield timed

    monkeypatch.setattr(extraction, "decode_timed", decode)
    root = write_data_set(tmp_path / "data")
    videos = read_dataset(root, list_videos(root), read_vocabulary(root)).videos
    kept, none = tmp_path / "frames", tmp_path / "none"
    frames, times = extract_shard(videos, root, kept, SETTINGS, version=1, workers=1)
    found = frames.set_index("video")
    assert found["frames"].to_dict() == {"j1": 0, "j2": 8, "r1": 8, "r2": 8, "t1": 8}
    assert str(error) in found.loc["j1", "problem"]
    assert found["problem"].notna().sum() == 1
    assert set(times["video"]) == {"j2", "r1", "r2", "t1"}
    assert not list((kept / "j1").glob("*.jpg"))
    if not isinstance(error, InputError):
        with pytest.raises(IndexError):
            extract_shard(videos, root, none, SETTINGS, version=1, workers=1, stop_on_fault=True)
    monkeypatch.setattr(extraction, "decode_timed", decode_timed)
    again, _ = extract_shard(videos, root, kept, SETTINGS, version=1, workers=1)
    assert again["frames"].eq(FRAMES).all()


def test_a_picture_that_is_too_wide_for_jpeg_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="70000x1 pixels"):
        write_picture(tmp_path / "a.jpg", np.zeros((1, 70_000, 3), np.uint8), SETTINGS)


def test_a_name_as_long_as_a_file_system_takes(tmp_path: Path) -> None:
    name = "v" * 246
    path = write_video(tmp_path / f"{name}.mp4")
    done = extract_frames(path, tmp_path / "cache" / name, FrameSettings(jpeg_quality=95), "x")
    assert (done.frames, done.problem) == (FRAMES, None)
