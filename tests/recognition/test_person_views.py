"""Videos person by person."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from partparse.frames.picture_cache import picture_path
from partparse.recognition.clips import FrameReader, LabelledClips, Video
from partparse.recognition.person_views import join_persons, label_persons, person_views

VIDEO = Video("walk", frames=12, width=60, height=40, source="1")
EMPTY = VIDEO._replace(name="empty")


def persons(*rows: tuple) -> pd.DataFrame:
    """Persons of `VIDEO` by frame, track and box."""
    table = pd.DataFrame(rows, columns=["frame", "track", "x1", "y1", "x2", "y2"])
    return table.assign(video=VIDEO.name)


def test_a_track_is_seen_in_the_square_about_all_of_its_boxes() -> None:
    found = persons((3, 0, 10, 10, 19, 29), (9, 0, 20, 10, 29, 29))
    (view,) = person_views([VIDEO], found)
    # edges 10 to 30 on both axes, and a tenth more
    assert view == VIDEO._replace(first=2, frames=7, square=(9, 9, 22))


def test_a_video_gives_its_main_persons_and_the_whole_where_it_has_none() -> None:
    found = persons(
        *[(frame, 1, 0, 0, 9, 9) for frame in range(1, 11)],
        *[(frame, 2, 0, 0, 29, 29) for frame in range(1, 9)],
        *[(frame, 3, 0, 0, 19, 19) for frame in range(1, 9)],
        *[(frame, 4, 0, 0, 3, 3) for frame in range(1, 9)],  # the smallest of four
        (5, 5, 0, 0, 39, 39),  # there for a moment
        *[(frame, -1, 0, 0, 39, 39) for frame in range(1, 11)],  # not tracked
    )
    views = person_views([VIDEO, EMPTY], found)
    assert [view.square and view.square[2] for view in views] == [11, 33, 22, None]
    assert views[-1] == EMPTY


def test_persons_after_the_last_frame_are_not_looked_at() -> None:
    found = persons(
        (11, 0, 0, 0, 9, 9), (14, 0, 0, 0, 9, 9), (13, 1, 0, 0, 9, 9), (15, 1, 0, 0, 9, 9)
    )
    (view,) = person_views([VIDEO], found)
    assert (view.first, view.frames) == (10, 2)


def test_a_person_does_what_its_video_is_of() -> None:
    found = persons(*[(frame, track, 0, 0, 9, 9) for frame in (1, 5) for track in (1, 2)])
    labelled = label_persons(LabelledClips([EMPTY, VIDEO], [1, 4]), found)
    assert [view.name for view in labelled.videos] == ["empty", "walk", "walk"]
    assert list(labelled.targets) == [1, 4, 4]


def test_the_persons_of_a_video_are_joined_by_how_long_they_are_there() -> None:
    views = [EMPTY, VIDEO._replace(frames=2), VIDEO._replace(frames=6)]
    values = np.array([[0.5, 0.5], [1.0, 0.0], [0.2, 0.8]])
    joined = join_persons(views, values, [VIDEO, EMPTY])
    assert joined == pytest.approx(np.array([[0.4, 0.6], [0.5, 0.5]]))


def test_a_square_is_read_and_is_black_beyond_the_frame(tmp_path: Path) -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:, 30:] = 200
    (tmp_path / "walk").mkdir()
    cv2.imwrite(str(picture_path(tmp_path, "walk", 3)), picture)
    view = VIDEO._replace(first=2, frames=1, square=(30, -20, 40))
    (seen,) = FrameReader(tmp_path, 20, 0).read(view, np.array([0]))
    assert seen.shape == (20, 20, 3)
    # the frame ends at the square's 30th column, and begins at its 20th row
    assert seen[12:, 2:13].mean() == pytest.approx(200, abs=3)
    assert seen[:8].max() < 10
    assert seen[:, 17:].max() < 10
