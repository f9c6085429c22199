"""Clips and the boxes in them: sizes, mirrors, turns, and batches."""

from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from partparse import boxes
from partparse.boxes import to_edges
from partparse.recognition.clips import FrameReader, Video, decoded_videos
from partparse.states.instance.clips import (
    Example,
    KeyFrames,
    TrainingKeyFrames,
    WholeView,
    collate,
    jitter_edges,
    scale_edges,
    view_clip,
    view_example,
)
from partparse.states.persons import annotated_persons
from partparse.vocabulary import PARTS
from tests.samples.instance import FRAMES, HEIGHT, SETTINGS, VOCABULARY, WIDTH, write_clips

Frames = TypeVar("Frames", bound=KeyFrames)


def _example(height: int = 40, width: int = 60, persons: int = 2) -> Example:
    rng = np.random.default_rng(0)
    clip = rng.integers(0, 256, (3, height, width, 3)).astype(np.uint8)
    low = rng.uniform(0, 20, (persons, 2))
    states = np.arange(10 * persons).reshape(persons, 10)
    return Example(clip, np.concatenate([low, low + 15], 1), states)


def test_edges_of_a_resized_picture_hold_the_same_pixels() -> None:
    edges = to_edges([[0, 0, 319, 239], [32, 24, 63, 47]])
    small = scale_edges(edges, (240, 320), (72, 96))
    np.testing.assert_allclose(small, [[0.0, 0, 96, 72], [9.6, 7.2, 19.2, 14.4]])


def test_a_mirrored_clip_is_that_of_mirrored_boxes_and_twice_is_nothing() -> None:
    example = _example()
    once = view_example(example, WholeView(mirrored=True))
    assert np.array_equal(once.clip, example.clip[:, :, ::-1])
    inclusive = example.edges - (0, 0, 1, 1)
    np.testing.assert_allclose(once.edges, to_edges(boxes.mirror(inclusive, 60)))
    left, right = PARTS.index("left_hand"), PARTS.index("right_hand")
    assert np.array_equal(once.states[:, left], example.states[:, right])
    assert np.array_equal(once.states[:, PARTS.index("hip")], example.states[:, -1])
    twice = view_example(once, WholeView(mirrored=True))
    assert np.array_equal(twice.clip, example.clip)
    np.testing.assert_allclose(twice.edges, example.edges)
    assert np.array_equal(twice.states, example.states)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize(("scale", "degrees"), [(0.8, 0), (1.3, 0), (1.0, 12), (0.9, -20)])
def test_boxes_go_where_the_pixels_go(mirrored: bool, scale: float, degrees: float) -> None:
    clip = np.zeros((2, 120, 160, 3), np.uint8)
    clip[:, 50:70, 40:90] = 255
    view = WholeView(mirrored, scale, degrees)
    seen, edges = view_clip(clip, [[40, 50, 90, 70]], view)
    assert seen.shape == (2, round(120 * scale), round(160 * scale), 3)
    rows, columns = np.nonzero(seen[1, :, :, 0] > 127)
    found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    np.testing.assert_allclose(edges[0], found, atol=1.5)


def test_boxes_end_at_the_edge_of_the_picture() -> None:
    clip = np.zeros((1, 40, 60, 3), np.uint8)
    _, edges = view_clip(clip, [[0, 0, 60, 40]], WholeView(degrees=10))
    np.testing.assert_allclose(edges, [[0, 0, 60, 40]])


def test_jitter_moves_edges_by_shares_of_the_box_within_the_picture() -> None:
    edges = np.tile([[10.0, 10, 30, 50]], (500, 1))
    moved = jitter_edges(edges, 0.1, (52, 60), np.random.default_rng(0))
    change = np.abs(moved - edges).max(0)
    assert (change <= [2, 4, 2, 4]).all()
    assert (change[[0, 1, 2]] > [1.8, 3.6, 1.8]).all()
    assert moved[:, 3].max() == 52
    assert np.array_equal(jitter_edges(edges, 0.0, (52, 60), np.random.default_rng(0)), edges)


def test_a_batch_keeps_who_belongs_to_which_clip() -> None:
    small, large = _example(persons=1), _example(48, 50, persons=3)
    batch = collate([small, large])
    assert batch.clips.shape == (2, 3, 48, 60, 3)
    assert batch.owners.tolist() == [0, 1, 1, 1]
    assert batch.sizes == [(40, 60), (48, 50)]
    assert np.array_equal(batch.clips[1, :, :48, :50], large.clip)
    assert not batch.clips[0, :, 40:].any()
    assert not batch.clips[1, :, :, 50:].any()
    np.testing.assert_allclose(batch.edges, np.concatenate([small.edges, large.edges]), rtol=1e-6)
    assert np.array_equal(batch.states, np.concatenate([small.states, large.states]))


def _key_frames(cache: Path, kind: type[Frames]) -> Frames:
    frames, annotations = write_clips(cache, 2)
    persons = annotated_persons(annotations, frames, VOCABULARY, 1)
    reader = FrameReader(cache, SETTINGS.frame_side, 0)
    return kind(persons, decoded_videos(frames), reader, SETTINGS)


def test_key_frames_have_all_their_persons_and_a_window_with_repeated_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    frames = _key_frames(tmp_path, KeyFrames)
    plain = frames._reader.read

    def note(video: Video, indices: np.ndarray) -> np.ndarray:
        read.append(indices)
        return plain(video, indices)

    monkeypatch.setattr(frames._reader, "read", note)
    assert len(frames) == 2
    example = frames[0]
    assert read[0].tolist() == [0, 0, 1, 2]  # about frame 2 of 4, which is number 1 from 0
    assert example.clip.shape == (FRAMES, 48, 64, 3)
    np.testing.assert_allclose(example.edges * WIDTH / 64, [[8, 10, 40, 64], [52, 6, 92, 68]])
    assert HEIGHT / 48 == WIDTH / 64
    assert example.states.shape == (2, 10)


def test_an_epoch_and_an_item_always_give_the_same_example(tmp_path: Path) -> None:
    frames = _key_frames(tmp_path, TrainingKeyFrames)
    one, same, other = frames[3, 1], frames[3, 1], frames[4, 1]
    assert np.array_equal(one.clip, same.clip)
    assert np.array_equal(one.edges, same.edges)
    assert one.clip.shape != other.clip.shape or not np.array_equal(one.clip, other.clip)
    for epoch in range(20):
        example = frames[epoch, 0]
        limits = np.tile(example.clip.shape[2:0:-1], 2)
        assert ((example.edges >= 0) & (example.edges <= limits)).all()
        assert (example.edges[:, 2:] > example.edges[:, :2]).all()
