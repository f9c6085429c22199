"""Clips: which frames, which crop, and that the same draw gives the same clip."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from partparse import tables
from partparse.errors import InputError
from partparse.frames.flow import REST, mirror_flow
from partparse.frames.picture_cache import picture_path
from partparse.learning.batches import Epochs
from partparse.recognition import clips
from partparse.recognition.clips import (
    FrameReader,
    LabelledClips,
    PredictionClips,
    TrainingClips,
    Video,
    label_videos,
)
from tests.samples.recognition import PREDICT, SETTINGS

VIDEO = Video("walk", frames=12, width=60, height=40, source="1")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One video; frame n is of grey level 20 n, its left half a little darker."""
    folder = tmp_path_factory.mktemp("frames")
    (folder / "walk").mkdir()
    for number in range(1, 13):
        picture = np.full((40, 60, 3), 20 * number, np.uint8)
        picture[:, :30] -= 10
        cv2.imwrite(str(folder / "walk" / f"img_{number:05d}.jpg"), picture)
    return folder


def _frames(**columns: list) -> pd.DataFrame:
    table = pd.DataFrame({"expected": None, "width": 60, "height": 40, "source": "1"} | columns)
    return tables.FRAMES.validate(table.assign(fps=None, problem=None))


def test_videos_without_frames_or_label_are_left_out() -> None:
    frames = _frames(video=["a", "b", "c", "d"], frames=[3, 0, 5, 7])
    labels = pd.Series(["walk", "walk", "run", None], index=["a", "b", "c", "d"])
    labelled = label_videos(frames, labels, ["run", "walk"])
    assert [video.name for video in labelled.videos] == ["a", "c"]
    assert labelled.targets == [1, 0]
    with pytest.raises(InputError, match="label 'walk' is none of the 1 classes"):
        label_videos(frames, labels, ["run"])


@pytest.mark.parametrize("memory", [0, 5 * 20 * 30 * 3, 10**6])
def test_frames_are_the_asked_ones_whatever_is_kept(cache: Path, memory: int) -> None:
    reader = FrameReader(cache, 20, memory)
    for _ in range(2):
        found = reader.read(VIDEO, np.array([0, 3, 3, 11]))
        assert found.shape == (4, 20, 30, 3)
        assert found[:, 10, 25, 0] == pytest.approx([20, 80, 80, 240], abs=2)
    kept = sum(picture.nbytes for picture in reader._kept.values())
    assert kept == min(memory, 3 * 20 * 30 * 3)


def test_a_frame_that_is_gone_is_named(cache: Path) -> None:
    with pytest.raises(InputError, match=r"img_00014\.jpg"):
        FrameReader(cache, 20, 0).read(VIDEO, np.array([13]))


def test_a_training_clip_depends_on_epoch_and_video_alone(cache: Path) -> None:
    def draw(epoch: int) -> np.ndarray:
        reader = FrameReader(cache, 36, 10**6)
        data = TrainingClips(LabelledClips([VIDEO], [4]), reader, SETTINGS)
        clip, target = data[epoch, 0]
        assert target == 4
        assert clip.shape == (4, 32, 32, 3)
        assert clip.dtype == np.uint8
        return clip

    assert np.array_equal(draw(0), draw(0))
    assert not np.array_equal(draw(0), draw(1))


def test_uniform_training_clips_take_one_frame_of_each_segment(cache: Path) -> None:
    settings = SETTINGS.replace(colour=0.0, mirror=0.0)
    data = TrainingClips(LabelledClips([VIDEO], [0]), FrameReader(cache, 36, 10**6), settings)
    for epoch in range(5):
        levels = data[epoch, 0][0].max(axis=(1, 2, 3)).astype(float)
        numbers = np.ceil(levels / 20 - 0.3).astype(int)
        assert ((numbers - 1) // 3).tolist() == [0, 1, 2, 3]


def test_a_flip_mirrors_every_frame(cache: Path) -> None:
    data = LabelledClips([VIDEO], [0])
    reader = FrameReader(cache, 36, 10**6)
    plain = SETTINGS.replace(colour=0.0, mirror=0.0)
    straight = TrainingClips(data, reader, plain)[2, 0][0]
    mirrored = TrainingClips(data, reader, plain.replace(mirror=1.0))[2, 0][0]
    assert np.array_equal(mirrored, straight[:, :, ::-1])


def write_flow(folder: Path) -> Path:
    """The flow of the video: everything moves right by 5 pixels a frame, in the right half faster.

    Frame n also moves down by n levels, so that the frames can be told apart.
    """
    (folder / "walk").mkdir()
    for number in range(1, 13):
        both = np.full((2, 40, 60), REST, np.uint8)
        both[0] += 40
        both[0, :, 30:] += 20
        both[1] += number
        cv2.imwrite(str(picture_path(folder, "walk", number)), both.reshape(80, 60))
    return folder


def test_a_clip_of_flow_has_the_frames_that_a_clip_of_pictures_has(
    cache: Path, tmp_path: Path
) -> None:
    pictures = SETTINGS.replace(colour=0.0, mirror=0.0, rotate=0.0, scale=(1.0, 1.0))
    flow = pictures.replace(modality="flow")
    reader = FrameReader(write_flow(tmp_path), 36, 10**6, "flow")
    videos = LabelledClips([VIDEO], [7])
    for epoch in range(3):
        levels = TrainingClips(videos, FrameReader(cache, 36, 0), pictures)[epoch, 0][0]
        clip, target = TrainingClips(videos, reader, flow)[epoch, 0]
        assert (clip.shape, clip.dtype, target) == ((4, 32, 32, 2), np.uint8, 7)
        numbers = clip[:, 16, 16, 1].astype(int) - REST
        assert numbers == pytest.approx(levels.max(axis=(1, 2, 3)) / 20, abs=1)
    seen = PredictionClips([VIDEO], reader, flow, PREDICT)[0]
    assert seen.shape == (PREDICT.clips * PREDICT.crops, 4, 32, 32, 2)


def test_a_flip_of_flow_turns_the_motion_round(tmp_path: Path) -> None:
    reader = FrameReader(write_flow(tmp_path), 36, 10**6, "flow")
    straight, mirrored = (
        TrainingClips(
            LabelledClips([VIDEO], [7], mirrored=[8]),
            reader,
            SETTINGS.replace(modality="flow", mirror=flip, rotate=0.0),
        )[1, 0]
        for flip in (0.0, 1.0)
    )
    assert straight[0][..., 0].min() > REST > mirrored[0][..., 0].max()
    assert np.array_equal(mirrored[0], mirror_flow(straight[0]))
    assert (straight[1], mirrored[1]) == (7, 8)


def test_clips_are_turned_by_up_to_the_setting(cache: Path) -> None:
    """The edge between the halves of the picture, upright in the frame, leans in the clip."""
    data = LabelledClips([VIDEO], [0])
    leans = {}
    for rotate in (0.0, 20.0):
        settings = SETTINGS.replace(rotate=rotate, colour=0.0, mirror=0.0, scale=(1.0, 1.0))
        clips_of = TrainingClips(data, FrameReader(cache, 36, 10**6), settings)
        dark = [
            np.mean(clip < clip.mean(), axis=(0, 2, 3))
            for clip in (clips_of[e, 0][0][-1:] for e in range(12))
        ]
        leans[rotate] = max(abs(share[-8:].mean() - share[:8].mean()) for share in dark)
    assert leans[0.0] < 0.05
    assert 0.1 < leans[20.0] < np.tan(np.deg2rad(20)) * 1.2


def test_every_epoch_has_every_item_once_in_its_own_order() -> None:
    sampler = Epochs(9, seed=1)
    first = list(sampler)
    sampler.set_epoch(1)
    second = list(sampler)
    assert {epoch for epoch, _ in second} == {1}
    assert sorted(item for _, item in first) == sorted(item for _, item in second) == [*range(9)]
    assert [item for _, item in first] != [item for _, item in second]
    assert second == list(sampler)


def test_weighted_epochs_draw_by_weight_and_repeat_exactly() -> None:
    sampler = Epochs(4000, 2, [1, 0, 3])
    drawn = [item for _, item in sampler]
    assert drawn == [item for _, item in sampler]
    shares = np.bincount(drawn, minlength=3) / len(drawn)
    assert shares == pytest.approx([0.25, 0, 0.75], abs=0.03)


def test_a_clip_about_a_frame_has_it_in_its_middle(cache: Path) -> None:
    still = SETTINGS.replace(colour=0.0, mirror=0.0, scale=(1.0, 1.0), length=3, stride=1)
    data = LabelledClips([VIDEO], [0], centres=[4])
    clip = TrainingClips(data, FrameReader(cache, 36, 0), still)[0, 0][0]
    seen = PredictionClips([VIDEO], FrameReader(cache, 36, 0), still, PREDICT, centres=[4])[0]
    expected = FrameReader(cache, 36, 0).read(VIDEO, np.arange(3, 6))
    assert clip.mean(axis=(1, 2, 3)) == pytest.approx(expected.mean(axis=(1, 2, 3)), abs=15)
    assert seen.shape == (PREDICT.crops, 3, 32, 32, 3)
    assert [frame.mean() for frame in seen[1]] == pytest.approx(
        [frame.mean() for frame in expected], abs=8
    )


@pytest.mark.parametrize("sampling", ["uniform", "dense"])
def test_prediction_sees_clips_times_crops(cache: Path, sampling: str) -> None:
    settings = SETTINGS.replace(sampling=sampling, stride=2)
    data = PredictionClips([VIDEO], FrameReader(cache, 36, 0), settings, PREDICT)
    found = data[0]
    assert found.shape == (PREDICT.clips * PREDICT.crops, 4, 32, 32, 3)
    start, centre, end = found.reshape(3, 2, 4, 32, 32, 3).mean(axis=(1, 2, 3, 4, 5))
    assert start < centre < end  # the left half is darker


def test_prediction_may_see_larger_crops_than_training(cache: Path) -> None:
    """Whole squares of the frame's shorter side, at the pixels they have: nothing is resized."""
    reader = FrameReader(cache, 36, 0)
    data = PredictionClips([VIDEO], reader, SETTINGS, PREDICT.replace(clips=1, crop_side=36))
    (start, *_), frames = data[0], reader.read(VIDEO, data._indices(0).ravel())
    assert np.array_equal(start, frames[:, :36, :36])


def test_crops_are_squares_of_the_shorter_side() -> None:
    frames = np.arange(2 * 4 * 10 * 3, dtype=np.uint8).reshape(2, 4, 10, 3)
    crops = clips.fixed_crops(frames, 4, 3)
    assert np.array_equal(crops, np.stack([frames[:, :, x : x + 4] for x in (0, 3, 6)]))
    upright = frames.transpose(0, 2, 1, 3)
    assert np.array_equal(clips.fixed_crops(upright, 4, 1)[0], upright[:, 3:7])


def test_colours_change_alike_in_the_whole_clip() -> None:
    clip = np.full((3, 2, 2, 3), 100, np.uint8)
    changed = clips.change_colours(clip, 0.2, np.random.default_rng(0))
    assert len(np.unique(changed.reshape(-1, 3), axis=0)) == 1
    assert np.all(np.abs(changed.astype(int) - 100) <= 45)
    assert np.array_equal(clips.change_colours(clip, 0.0, np.random.default_rng(0)), clip)


@pytest.mark.parametrize(
    ("weights", "red"),
    [
        (None, (255 - 123.675) / 58.395),
        ("my.pth", (255 - 123.675) / 58.395),
        ("ir_csn_152_ig65m", (255 - 123.675) / 58.395),
        ("yolo11x", (255 - 123.675) / 58.395),  # which has none of its own
        ("slowfast_r101_ava22", (255 - 110.63666788) / 38.7568578),
    ],
)
def test_pictures_are_normalised_as_those_that_public_weights_have_seen(
    weights: str | None, red: float
) -> None:
    white = torch.full((1, 1, 2, 2, 3), 255, dtype=torch.uint8)
    assert float(clips.normalise(white, weights)[0, 0].mean()) == pytest.approx(red)


def test_normalised_clips_are_channels_first_with_colours_last_in_memory() -> None:
    raw = torch.full((2, 4, 8, 8, 3), 124, dtype=torch.uint8)
    clip = clips.normalise(raw, None)
    assert clip.shape == (2, 3, 4, 8, 8)
    assert clip.is_contiguous(memory_format=torch.channels_last_3d)
    assert clip[:, 0].abs().max() < 0.01  # 124 is the mean red of ImageNet
    levels = torch.tensor([1, 128, 255], dtype=torch.uint8).expand(1, 1, 1, 2, 3).mT
    flow = clips.normalise(levels, "slowfast_r101_ava22")
    assert flow[0, :, 0, 0].tolist() == [[-1, 0, 1]] * 2  # the bound is 1
