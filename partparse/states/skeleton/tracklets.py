"""Tracked persons as sequences: windows of keypoints about key frames."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse import tables
from partparse.boxes import Integers, pairwise_iou
from partparse.row_keys import positions
from partparse.states.skeleton.settings import WindowSettings
from partparse.tables import BOX, FRAME_KEY, PERSON_KEY
from partparse.vocabulary import KEYPOINTS

_FRAMES = 1 << 32  # more than a video has: makes one rising number of a track and a frame
_SAME = 0.5  # IoU from which a box and a tracked box of the same frame are one person's


@dataclass(frozen=True)
class Windows:
    """What is known of N persons at T moments each; pixels of the frame."""

    keypoints: NDArray[np.float32]  # (N, T, 17, 3): x, y, score; 0 where the person is absent
    boxes: NDArray[np.float32]  # (N, T, 4) xyxy; 0 where absent
    present: NDArray[np.bool_]  # (N, T)

    def take(self, rows: NDArray[np.integer] | slice) -> "Windows":
        """The windows of some persons."""
        return Windows(self.keypoints[rows], self.boxes[rows], self.present[rows])


class Tracklets:
    """Persons over time: for each track its moments with keypoints."""

    def __init__(self, tracked: pd.DataFrame, keypoints: pd.DataFrame) -> None:
        """Take PERSONS with `track` filled, and the KEYPOINT_TABLE of all or some of them.

        A person that the tracker left alone is a track of its own.
        """
        rows = tracked.sort_values(PERSON_KEY, ignore_index=True)
        alone = (rows["track"] < 0).to_numpy()
        names = rows[["video", "track"]].assign(alone=np.where(alone, np.arange(len(rows)), -1))
        self._persons = rows
        self._track = names.groupby(["video", "track", "alone"]).ngroup().to_numpy(np.int64)
        at = positions(keypoints, rows, PERSON_KEY)
        self._place = moments(self._track[at[at >= 0]], rows["frame"].to_numpy()[at[at >= 0]])
        order = np.argsort(self._place, kind="stable")
        self._place = self._place[order]
        self._boxes = rows[BOX].to_numpy(np.float32)[at[at >= 0]][order]
        self._keypoints = tables.pack_keypoints(keypoints)[at >= 0][order]

    def tracks_of(self, keys: pd.DataFrame) -> Integers:
        """The track of each tracked person (video, frame, person), (N,); -1 for an unknown one."""
        at = positions(keys, self._persons, PERSON_KEY)
        return np.append(self._track, -1)[at]

    def assign(self, persons: pd.DataFrame) -> Integers:
        """The track of each person (video, frame and box), (N,); -1 where there is none.

        It is that of the tracked box of the same frame with the highest IoU, if above one half.
        """
        found = np.full(len(persons), -1, np.int64)
        there = self._persons.groupby(FRAME_KEY, sort=False).indices
        tracked, boxes = self._persons[BOX].to_numpy(float), persons[BOX].to_numpy(float)
        for key, rows in persons.groupby(FRAME_KEY, sort=False).indices.items():
            if key in there:
                overlap = pairwise_iou(boxes[rows], tracked[there[key]])
                best = overlap.argmax(axis=1)
                same = overlap.max(axis=1) > _SAME
                found[rows[same]] = self._track[there[key][best[same]]]
        return found

    def windows(self, tracks: Integers, frames: Integers, gap: int) -> Windows:
        """What tracks (N,) do at frames (N, T), whose numbers count from 1.

        Between two moments with keypoints that are at most `gap` frames apart it is linear; a
        keypoint's score is then the lower of the two. Elsewhere the person is absent, and so is
        every one of track -1.
        """
        place = moments(tracks[:, None], frames)
        after = np.searchsorted(self._place, place, side="left")
        before = np.searchsorted(self._place, place, side="right") - 1
        last = len(self._place) - 1
        if last < 0:
            points = np.zeros((*place.shape, len(KEYPOINTS), 3), np.float32)
            nowhere = np.zeros((*place.shape, 4), np.float32)
            return Windows(points, nowhere, np.zeros(place.shape, bool))
        left, right = np.clip(before, 0, last), np.clip(after, 0, last)
        apart = self._place[right] - self._place[left]
        # the neighbours of one track: else more than a gap lies between them
        present = (before >= 0) & (after <= last) & (apart <= gap) & (tracks >= 0)[:, None]
        share = (place - self._place[left]) / np.maximum(apart, 1)
        weight = np.where(present, share, 0)[..., None].astype(np.float32)
        boxes = self._boxes[left] * (1 - weight) + self._boxes[right] * weight
        first, second = self._keypoints[left], self._keypoints[right]
        weight = weight[..., None]
        points = first[..., :2] * (1 - weight) + second[..., :2] * weight
        score = np.minimum(first[..., 2:], second[..., 2:])
        keypoints = np.concatenate([points, score], axis=-1)
        return Windows(keypoints * present[..., None, None], boxes * present[..., None], present)


def moments(tracks: Integers, frames: NDArray[np.integer]) -> Integers:
    """One number for each track and frame: it rises with the track, then with the frame."""
    return tracks * _FRAMES + frames


def window_frames(centres: NDArray[np.integer], length: int, stride: int) -> Integers:
    """Frame numbers (N, T) of windows of T = `length` about the key frames (N,), `stride` apart."""
    return np.asarray(centres, np.int64)[:, None] + (np.arange(length) - length // 2) * stride


def windows_about(
    persons: pd.DataFrame, tracklets: Tracklets, own: pd.DataFrame, settings: WindowSettings
) -> Windows:
    """The windows of persons of key frames, centred on them, in their order.

    A person without a track has its own frame only, from `own`; where it is missing there too it
    is absent altogether.

    Args:
        persons: video, frame, person and the box.
        tracklets: tracked persons, on more frames than the key frames.
        own: KEYPOINT_TABLE of `persons`.
    """
    centre = settings.length // 2
    frames = window_frames(persons["frame"].to_numpy(), settings.length, settings.stride)
    found = tracklets.windows(tracklets.assign(persons), frames, settings.gap)
    lone = np.flatnonzero(~found.present[:, centre])
    at = positions(persons.iloc[lone], own, PERSON_KEY)
    rows, at = lone[at >= 0], at[at >= 0]
    found.keypoints[rows, centre] = tables.pack_keypoints(own)[at]
    found.boxes[rows, centre] = persons[BOX].to_numpy(np.float32)[rows]
    found.present[rows, centre] = True
    return found
