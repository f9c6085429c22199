"""Persons of a video linked from frame to frame: ByteTrack, as ultralytics has it.

Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", ECCV 2022:
boxes that a Kalman filter predicts are assigned to the sure detections first, and those left over
to the unsure ones.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from partparse import tables
from partparse.boxes import Integers
from partparse.detection.settings import TrackSettings
from partparse.detection.yolo import environment  # noqa: F401  sets ultralytics to offline
from partparse.running.program import progress
from partparse.tables import BOX, PERSON_KEY
from partparse.vocabulary import PERSON


def annotated_as_persons(annotations: pd.DataFrame) -> pd.DataFrame:
    """PERSONS of the annotated persons of an ANNOTATIONS table: all of them sure, none tracked."""
    rows = annotations.loc[annotations["part"] == PERSON, [*PERSON_KEY, *BOX]]
    return tables.checked(rows.assign(score=1.0, track=-1), tables.PERSONS)


def join_frames(persons: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """PERSONS of all frames of several tables; a frame that is in more is taken from the first."""
    joined = pd.concat(persons, ignore_index=True)
    source = np.repeat(np.arange(len(persons)), [len(table) for table in persons])
    first = pd.Series(source).groupby([joined["video"], joined["frame"]]).transform("min")
    return joined[first.to_numpy() == source].reset_index(drop=True)


def track_persons(persons: pd.DataFrame, settings: TrackSettings) -> pd.DataFrame:
    """Fill `track` of a PERSONS table; persons below `settings.score` are left out.

    Tracks count from 1 in each video. A person that continues no track and is too unsure to start
    one keeps -1.
    """
    kept = persons[persons["score"] >= settings.score]
    kept = kept.sort_values(PERSON_KEY, ignore_index=True)
    track = np.full(len(kept), -1, np.int64)
    videos = kept.groupby("video", sort=False).indices.values()
    for rows in progress(videos, "persons of videos linked"):
        track[rows] = _track_video(kept.iloc[rows], settings)
    return tables.checked(kept.assign(track=track), tables.PERSONS)


def _track_video(persons: pd.DataFrame, settings: TrackSettings) -> Integers:
    """The track of each person of a video, (N,); -1 without one. Its frames rise."""
    from ultralytics.engine.results import Boxes

    tracker = _open_tracker(settings)
    frames = persons["frame"].to_numpy()
    track = np.full(len(frames), -1, np.int64)
    # ultralytics takes an id and a class besides: x1, y1, x2, y2, score, class
    given = persons[[*BOX, "score"]].to_numpy(np.float32)
    rows = np.column_stack([given, np.zeros(len(frames), np.float32)])
    rows[:, 2:4] += 1  # our corners lie within the box
    shape = (int(rows[:, 3].max()) + 1, int(rows[:, 2].max()) + 1)
    for frame in np.unique(frames):
        here = np.flatnonzero(frames == frame)
        tracker.update(Boxes(rows[here], shape))
        # its answer leaves out tracks of a single detection, which are ours all the same
        for found in tracker.tracked_stracks:
            if found.frame_id == tracker.frame_id:
                track[here[int(found.idx)]] = found.track_id
    return track


def _open_tracker(settings: TrackSettings) -> Any:
    from ultralytics.trackers.byte_tracker import BYTETracker
    from ultralytics.utils import IterableSimpleNamespace

    return BYTETracker(
        IterableSimpleNamespace(
            track_high_thresh=settings.start,
            track_low_thresh=settings.score - 1e-6,  # it asks for more than this
            new_track_thresh=settings.start,
            track_buffer=settings.patience,
            match_thresh=0.8,  # ultralytics' own: 1 - IoU, weighted by the score
            fuse_score=True,
        )
    )
