"""Persons linked from frame to frame."""

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.detection.settings import TrackSettings
from partparse.detection.tracking import annotated_as_persons, join_frames, track_persons
from partparse.vocabulary import PERSON
from tests.samples.states import annotations_table

SETTINGS = TrackSettings(frame_stride=1, score=0.1, start=0.3, patience=5)


def walk(x: float, y: float, speed: float, frames: range, score: float = 0.9) -> list[tuple]:
    """(frame, x1, y1, x2, y2, score) of somebody who walks along x."""
    return [(f, x + speed * f, y, x + speed * f + 40, y + 100, score) for f in frames]


def persons_table(*walks: list[tuple], video: str = "v", seed: int = 0) -> pd.DataFrame:
    """PERSONS in which nobody keeps a number, with the true walk in `who`."""
    rows = [(*row, who) for who, walked in enumerate(walks) for row in walked]
    table = pd.DataFrame(rows, columns=["frame", *tables.BOX, "score", "who"])
    table = table.sample(frac=1, random_state=seed).assign(video=video, track=-1)
    table["person"] = table.groupby("frame").cumcount() + 1
    return table


def tracked(table: pd.DataFrame, settings: TrackSettings = SETTINGS) -> pd.DataFrame:
    """PERSONS with tracks, and with `who` again."""
    found = track_persons(tables.PERSONS.validate(table.drop(columns="who")), settings)
    return found.merge(table[["video", "frame", "person", "who"]])


def one_to_one(found: pd.DataFrame) -> bool:
    """Whether each track is one walk, and each walk one track."""
    pairs = found[["video", "track", "who"]].drop_duplicates()
    return not (
        pairs.duplicated(["video", "track"]).any() or pairs.duplicated(["video", "who"]).any()
    )


def test_two_who_cross_keep_their_tracks() -> None:
    found = tracked(persons_table(walk(10, 20, 8, range(1, 21)), walk(220, 34, -8, range(1, 21))))
    assert len(found) == 40
    assert sorted(found["track"].unique()) == [1, 2]
    assert one_to_one(found)


def test_who_is_not_found_for_some_frames_comes_back_on_his_track() -> None:
    there = [row for row in walk(10, 20, 5, range(1, 21)) if not 8 <= row[0] <= 10]
    found = tracked(persons_table(there, walk(200, 20, 0, range(1, 21))))
    assert one_to_one(found)
    gone = [row for row in there if row[0] < 8 or row[0] > 18]
    assert not one_to_one(tracked(persons_table(gone, walk(200, 20, 0, range(1, 21)))))


def test_who_comes_late_is_tracked_from_his_first_frame() -> None:
    found = tracked(persons_table(walk(10, 20, 2, range(1, 11)), walk(200, 20, 2, range(6, 11))))
    assert (found["track"] > 0).all()
    assert one_to_one(found)


def test_the_unsure_continue_a_track_and_start_none() -> None:
    fading = walk(10, 20, 2, range(1, 6)) + walk(10, 20, 2, range(6, 11), score=0.2)
    found = tracked(persons_table(fading, walk(200, 20, 0, range(1, 11), score=0.2)))
    assert set(found.loc[found["who"] == 0, "track"]) == {1}
    assert set(found.loc[found["who"] == 1, "track"]) == {-1}
    none = tracked(persons_table(walk(10, 20, 2, range(1, 6), score=0.05)))
    assert none.empty


def test_videos_are_tracked_apart_and_every_run_alike() -> None:
    both = pd.concat(
        [persons_table(walk(10, 20, 2, range(1, 8)), video=video) for video in ("w", "v")]
    )
    first = tracked(both)
    assert set(first["track"]) == {1}
    pd.testing.assert_frame_equal(first, tracked(both.sample(frac=1, random_state=1)))


def test_a_frame_is_taken_from_the_first_table_that_has_it() -> None:
    def named(frames: list[int], x: float) -> pd.DataFrame:
        return tables.PERSONS.validate(
            persons_table([row for f in frames for row in walk(x, 0, 0, range(f, f + 1))]).drop(
                columns="who"
            )
        )

    found = join_frames([named([1, 6], 5.0), named([1, 3, 5], 7.0)])
    found = found.sort_values("frame")
    assert found[["frame", "x1"]].to_numpy().tolist() == [[1, 5], [3, 7], [5, 7], [6, 5]]
    assert join_frames([tables.empty(tables.PERSONS)] * 2).empty


def test_annotated_persons_are_sure() -> None:
    rows = annotations_table([("a", 1, PERSON, None), ("a", 1, "head", "none")])
    persons = annotated_as_persons(rows)
    assert persons[["video", "frame", "person"]].to_numpy().tolist() == [["a", 1, 1]]
    assert persons["score"].tolist() == [1.0]
    assert persons[tables.BOX].to_numpy() == pytest.approx(np.array([[0, 0, 5, 5]]))


def test_nobody_gives_an_empty_table() -> None:
    assert track_persons(tables.empty(tables.PERSONS), SETTINGS).empty
