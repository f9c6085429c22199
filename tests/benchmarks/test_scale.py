"""The made-up data set of the benchmarks is what the official one is said to be."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmarks.made_up.dataset import (
    FRAMES,
    HUMANS,
    PART_ROWS,
    SEED,
    SIZE,
    VAL_SHARE,
    VIDEOS,
    Plan,
    make_document,
    write_dataset,
)
from partparse.dataset.lists import read_vocabulary
from partparse.dataset.splits import plan_shards
from partparse.dataset.tables import read_dataset


@pytest.mark.parametrize("times", [1, 3])
def test_the_plan_has_the_official_counts(times: int) -> None:
    for split, videos in VIDEOS.items():
        planned = list(Plan(times).videos(split))
        assert len({video for video, _, _ in planned}) == videos * times
        assert len({action for _, action, _ in planned}) == 24
        assert sum(frames for _, _, frames in planned) == FRAMES[split] * times


def test_a_frame_has_as_many_humans_and_parts_as_the_official_ones() -> None:
    rng = np.random.default_rng(0)
    documents = [make_document(rng) for _ in range(2000)]
    humans = [human for document in documents for human in document["humans"]]
    parts = [part for human in humans for part in human["parts"]]
    assert len(humans) / len(documents) == pytest.approx(HUMANS / FRAMES["train"], rel=0.02)
    assert len(parts) / len(humans) == pytest.approx(PART_ROWS / HUMANS, rel=0.02)


def test_the_made_up_data_set_is_read_by_the_real_reader(tmp_path: Path) -> None:
    annotated = write_dataset(tmp_path, Small(1), 1)
    vocabulary = read_vocabulary(tmp_path)
    shards = plan_shards(tmp_path, VAL_SHARE, SEED, Small(1).shards())
    assert sum(map(len, shards.values())) == 48
    assert annotated == shards["train-000"]
    found = read_dataset(tmp_path, annotated, vocabulary)
    frames = found.annotations[["video", "frame"]].drop_duplicates()
    assert len(frames) == found.videos["frames"].sum()
    assert found.videos["width"].eq(SIZE[0]).all()


@dataclass(frozen=True)
class Small(Plan):
    """A video an action in each split."""

    def videos(self, split: str) -> Iterator[tuple[str, str, int]]:
        for number, (video, action, _) in zip(range(24), super().videos(split), strict=False):
            yield video, action, 3 + number % 2

    def shards(self) -> dict[str, int]:
        return {"train": 2, "val": 1, "test": 1}
