import numpy as np
import pytest

from partparse.sampling import dense, dense_clips, scored, uniform, uniform_clips


def test_uniform_takes_the_centre_of_each_segment() -> None:
    assert uniform(80, 4).tolist() == [10, 30, 50, 70]
    assert uniform(4, 4).tolist() == [0, 1, 2, 3]


def test_uniform_draws_within_each_segment() -> None:
    rng = np.random.default_rng(0)
    draws = np.stack([uniform(80, 4, rng) for _ in range(200)])
    assert (draws // 20 == np.arange(4)).all()
    assert (draws.min(axis=0) - np.arange(4) * 20).max() <= 2
    assert (draws.max(axis=0) - np.arange(4) * 20).min() >= 17


@pytest.mark.parametrize("frames", [1, 2, 7])
def test_a_short_video_repeats_frames(frames: int) -> None:
    for indices in (uniform(frames, 8), dense(frames, 8, 2, 0), dense(frames, 8, 2, frames - 1)):
        assert indices.shape == (8,)
        assert (np.diff(indices) >= 0).all()
        assert indices.min() >= 0
        assert indices.max() < frames


def test_uniform_clips_differ_and_stay_in_their_segments() -> None:
    clips = uniform_clips(80, 4, 5)
    assert clips.shape == (5, 4)
    assert clips[:, 0].tolist() == [2, 6, 10, 14, 18]
    assert (clips // 20 == np.arange(4)).all()
    assert np.array_equal(uniform_clips(80, 4, 1)[0], uniform(80, 4))


def test_dense_keeps_its_stride_about_the_centre() -> None:
    assert dense(100, 4, 3, 50).tolist() == [44, 47, 50, 53]
    assert dense(100, 4, 3, 1).tolist() == [0, 0, 1, 4]
    assert dense(100, 4, 3, 99).tolist() == [93, 96, 99, 99]


def test_dense_clips_spread_over_the_video() -> None:
    clips = dense_clips(100, 4, 2, 5)
    assert clips.shape == (5, 4)
    assert clips[:, 2].tolist() == [10, 30, 50, 70, 90]


def test_scored_frames_are_every_fifth_from_one() -> None:
    assert scored(16, 5).tolist() == [1, 6, 11, 16]
    assert scored(5, 5).tolist() == [1]
    assert scored(0, 5).tolist() == []


@pytest.mark.parametrize(("frames", "length"), [(0, 4), (4, 0)])
def test_a_clip_of_nothing_is_a_fault(frames: int, length: int) -> None:
    with pytest.raises(ValueError, match=f"a clip of {length} frames out of a video with {frames}"):
        uniform(frames, length)
