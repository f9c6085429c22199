"""Optical flow: its values, its mirror, and its cache."""

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partparse import tables
from partparse.errors import InputError
from partparse.frames.flow import (
    VideoFrames,
    extract_flow,
    extract_shard,
    mirror_flow,
    quantise,
    read_flow,
    restore,
)
from partparse.frames.picture_cache import RECORD, picture_path
from partparse.frames.settings import FlowSettings
from partparse.running.arguments import Pictures

SETTINGS = FlowSettings(preset="medium", frame_side=96, bound=20, jpeg_quality=95)
MOVE = (3, -2)  # pixels a frame, right and up
WIDTH, HEIGHT, FRAMES = 128, 96, 4


def texture() -> np.ndarray:
    """(H, W, 3), larger than the frames that are cut out of it."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (HEIGHT + 60, WIDTH + 60), np.uint8)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3).astype(float)
    smooth = (smooth - smooth.min()) / np.ptp(smooth) * 255
    return np.repeat(smooth.astype(np.uint8)[..., None], 3, axis=2)


def write_frames(folder: Path, video: str = "v", mirrored: bool = False) -> VideoFrames:
    """Frames of a texture that moves by MOVE."""
    (folder / video).mkdir(parents=True)
    whole = texture()
    for index in range(FRAMES):
        x, y = 30 - MOVE[0] * index, 30 - MOVE[1] * index
        picture = whole[y : y + HEIGHT, x : x + WIDTH]
        picture = picture[:, ::-1] if mirrored else picture
        cv2.imwrite(str(picture_path(folder, video, index + 1)), picture)
    return VideoFrames(folder, video, FRAMES, "1")


@pytest.fixture
def frames(tmp_path: Path) -> VideoFrames:
    return write_frames(tmp_path / "frames")


def table(**columns: list) -> pd.DataFrame:
    facts = {"expected": None, "width": WIDTH, "height": HEIGHT, "fps": None, "problem": None}
    return tables.FRAMES.validate(pd.DataFrame(facts | columns).assign(source="1"))


def test_a_translation_is_measured(frames: VideoFrames, tmp_path: Path) -> None:
    done = extract_flow(frames, tmp_path / "flow", SETTINGS, 1)
    assert (done.frames, done.width, done.height, done.problem) == (FRAMES, WIDTH, HEIGHT, None)
    for number in range(1, FRAMES):
        flow = restore(read_flow(tmp_path / "flow", "v", number), SETTINGS.bound)
        assert flow.shape == (HEIGHT, WIDTH, 2)
        inside = flow[16:-16, 16:-16].reshape(-1, 2)
        assert np.median(inside, axis=0) == pytest.approx(MOVE, abs=0.2)
        assert np.abs(inside - MOVE).mean() < 0.3


def test_the_last_frame_repeats_the_flow_before_it(frames: VideoFrames, tmp_path: Path) -> None:
    extract_flow(frames, tmp_path / "flow", SETTINGS, 1)
    last, before = (read_flow(tmp_path / "flow", "v", n) for n in (FRAMES, FRAMES - 1))
    assert np.array_equal(last, before)


def test_a_single_frame_is_at_rest(frames: VideoFrames, tmp_path: Path) -> None:
    extract_flow(frames._replace(length=1), tmp_path / "flow", SETTINGS, 1)
    assert np.all(read_flow(tmp_path / "flow", "v", 1) == 128)


def test_flow_has_the_size_and_the_pixels_of_the_resized_frame(
    frames: VideoFrames, tmp_path: Path
) -> None:
    half = FlowSettings(preset="medium", frame_side=48, bound=10, jpeg_quality=95)
    done = extract_flow(frames, tmp_path / "flow", half, 1)
    assert (done.width, done.height) == (WIDTH // 2, HEIGHT // 2)
    flow = restore(read_flow(tmp_path / "flow", "v", 1), half.bound)
    middle = np.median(flow[8:-8, 8:-8].reshape(-1, 2), axis=0)
    assert middle == pytest.approx(np.array(MOVE) / 2, abs=0.2)


def test_the_mirror_of_flow_is_the_flow_of_the_mirror(frames: VideoFrames, tmp_path: Path) -> None:
    other = write_frames(tmp_path / "mirrored", mirrored=True)
    extract_flow(frames, tmp_path / "flow", SETTINGS, 1)
    extract_flow(other, tmp_path / "flow_of_mirrored", SETTINGS, 1)
    one = restore(mirror_flow(read_flow(tmp_path / "flow", "v", 1)), SETTINGS.bound)
    two = restore(read_flow(tmp_path / "flow_of_mirrored", "v", 1), SETTINGS.bound)
    difference = np.abs(one - two)[16:-16, 16:-16]
    assert np.median(difference) < 0.2
    assert difference.mean() < 0.3


@given(st.integers(0, 2**32 - 1))
def test_mirroring_twice_changes_nothing(seed: int) -> None:
    levels = np.random.default_rng(seed).integers(1, 256, (2, 3, 5, 2), np.uint8)
    assert np.array_equal(mirror_flow(mirror_flow(levels)), levels)
    assert np.array_equal(mirror_flow(levels)[..., 1], levels[:, :, ::-1, 1])
    turned = restore(mirror_flow(levels), 20)[..., 0]
    assert turned == pytest.approx(-restore(levels, 20)[:, :, ::-1, 0])


@given(st.floats(-60, 60), st.floats(1, 40))
def test_quantised_flow_is_the_clipped_flow_to_half_a_step(value: float, bound: float) -> None:
    flow = np.full((1, 1, 2), value, np.float32)
    levels = quantise(flow, bound)
    assert 1 <= levels.min() <= levels.max() <= 255
    assert restore(levels, bound) == pytest.approx(
        np.clip(flow, -bound, bound), abs=bound / 254 * 1.001
    )
    assert np.all(quantise(np.zeros((1, 1, 2)), bound) == 128)


def test_a_second_run_does_nothing_and_what_changed_is_made_again(
    frames: VideoFrames, tmp_path: Path
) -> None:
    first = extract_flow(frames, tmp_path / "flow", SETTINGS, 1)
    path = picture_path(tmp_path / "flow", "v", 1)
    path.write_bytes(b"made before")
    assert extract_flow(frames, tmp_path / "flow", SETTINGS, 1) == first
    assert path.read_bytes() == b"made before"
    for changed, version in ((frames._replace(source="2"), 1), (frames, 2), (frames, 3)):
        again = extract_flow(changed, tmp_path / "flow", SETTINGS, version)
        assert again.source != first.source
        assert read_flow(tmp_path / "flow", "v", 1).shape == (HEIGHT, WIDTH, 2)


def test_flow_that_was_deleted_is_made_again_and_damaged_flow_is_named(
    frames: VideoFrames, tmp_path: Path
) -> None:
    cache = tmp_path / "flow"
    extract_flow(frames, cache, SETTINGS, 1)
    with pytest.raises(InputError, match=r"img_00009.jpg: no such flow; extract it again"):
        read_flow(cache, "v", 9)
    path = picture_path(cache, "v", 2)
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(InputError, match=r"img_00002.jpg: not a readable picture"):
        read_flow(cache, "v", 2)
    cv2.imwrite(str(path), np.zeros((5, 4), np.uint8))
    with pytest.raises(InputError, match=r"img_00002.jpg: not a picture of flow"):
        read_flow(cache, "v", 2)
    path.unlink()
    extract_flow(frames, cache, SETTINGS, 1)
    assert read_flow(cache, "v", 2).shape == (HEIGHT, WIDTH, 2)


def test_a_killed_job_goes_on_with_the_next_video(
    frames: VideoFrames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = cv2.imencode
    write_frames(tmp_path / "frames", "w")
    calls: list[int] = []

    def dies(*arguments: object) -> object:
        calls.append(1)
        if len(calls) == FRAMES + 2:
            raise KeyboardInterrupt
        return encode(*arguments)

    monkeypatch.setattr("cv2.imencode", dies)
    cache = tmp_path / "flow"

    def extract() -> pd.DataFrame:
        both = table(video=["v", "w"], frames=[FRAMES, FRAMES])
        return extract_shard(Pictures(both, frames.cache), cache, SETTINGS, version=1, workers=1)

    with pytest.raises(KeyboardInterrupt):
        extract()
    assert (cache / "v" / RECORD).is_file()
    assert not (cache / "w").exists()
    assert extract()["frames"].tolist() == [FRAMES, FRAMES]
    assert len(calls) == FRAMES + 2 + FRAMES


@pytest.mark.parametrize("workers", [1, 2])
def test_a_shard_goes_on_after_a_bad_video(
    frames: VideoFrames, tmp_path: Path, workers: int
) -> None:
    write_frames(tmp_path / "frames", "w")
    picture_path(tmp_path / "frames", "w", 3).write_bytes(b"no picture")
    three = table(video=["none", "v", "w"], frames=[0, FRAMES, FRAMES])
    cache = tmp_path / "flow"
    pictures = Pictures(three, frames.cache)
    flow = extract_shard(pictures, cache, SETTINGS, version=1, workers=workers)
    assert flow["frames"].tolist() == [0, FRAMES, 1]
    assert flow["width"].tolist() == [0, WIDTH, WIDTH]
    assert flow["problem"].isna().tolist() == [True, True, False]
    assert "img_00003.jpg: not a readable picture" in flow["problem"][2]
    (tmp_path / "frames" / "w" / "img_00003.jpg").unlink()
    cv2.imwrite(str(picture_path(tmp_path / "frames", "w", 3)), texture()[:HEIGHT, :WIDTH])
    again = extract_shard(pictures, cache, SETTINGS, version=1, workers=workers)
    assert again["frames"].tolist() == [0, FRAMES, FRAMES]


def test_the_program_writes_the_table(
    repository: Path, frames: VideoFrames, tmp_path: Path
) -> None:
    written = frames.cache / "shard.parquet"
    tables.write(table(video=["v"], frames=[FRAMES]), written, tables.FRAMES)
    settings = '{"preset": "fast", "frame_side": 48, "bound": 20, "jpeg_quality": 95}'
    options: list[str | Path] = ["--frames", written, "--settings", settings, "--version", "1"]
    options += ["--out", tmp_path / "flow.parquet"]
    subprocess.run(
        [sys.executable, repository / "scripts/extract_flow.py", *options],
        check=True,
        env=os.environ | {"PYTHONPATH": str(repository)},
    )
    found = tables.read(tmp_path / "flow.parquet", tables.FLOW)
    assert found[["video", "frames", "width", "height"]].to_numpy().tolist() == [
        ["v", FRAMES, WIDTH // 2, HEIGHT // 2]
    ]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"preset": "slow"}, "preset: expected 'ultrafast', 'fast' or 'medium', got 'slow'"),
        ({"frame_side": 8}, "frame_side: expected at least 16, got 8"),
        ({"bound": 0}, "bound: expected more than 0, got 0"),
        ({"jpeg_quality": 101}, "jpeg_quality: expected at most 100, got 101"),
    ],
)
def test_choices_that_do_not_exist_are_refused(setting: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        FlowSettings.of(
            {"preset": "fast", "frame_side": 48, "bound": 20, "jpeg_quality": 95} | setting
        )
