"""Examples for the skeleton network: windows of annotated persons with predicted keypoints.

Augmentation makes the windows as bad as those of detected persons in new videos will be.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch.utils.data import Dataset

from partparse.boxes import Floats, Integers
from partparse.states.persons import UNKNOWN, PersonParts
from partparse.states.skeleton.input import mirror_windows, normalise_windows
from partparse.states.skeleton.settings import SkeletonTrainSettings, WindowSettings
from partparse.states.skeleton.tracklets import Tracklets, Windows, moments, window_frames
from partparse.vocabulary import PARTS, swap_order


class _Stretch(NamedTuple):
    """A stretch of a track in which an epoch draws one window."""

    track: int
    first: int
    last: int
    action: int


class SkeletonWindows(Dataset):
    """Windows with the states at their moments, by (epoch, item)."""

    def __init__(
        self,
        tracklets: Tracklets,
        persons: PersonParts,
        actions: Integers,
        settings: SkeletonTrainSettings,
    ) -> None:
        """Take labelled persons, of tracks in `tracklets`; `actions`: that of each, (N,)."""
        tracks = tracklets.tracks_of(persons.keys)
        frames = persons.keys["frame"].to_numpy(np.int64)
        known = np.flatnonzero(tracks >= 0)
        self._moments = moments(tracks[known], frames[known])
        order = np.argsort(self._moments, kind="stable")
        self._moments, self._states = self._moments[order], persons.states[known][order]
        self._tracklets = tracklets
        self._settings = settings
        table = pd.DataFrame({"track": tracks, "frame": frames, "action": actions}).iloc[known]
        spans = table.groupby("track").agg({"frame": ["min", "max"], "action": "first"})
        self._stretches = [
            stretch
            for track, first, last, action in spans.itertuples()
            for stretch in _cut(track, first, last, action, settings.frames_a_window)
        ]

    def __len__(self) -> int:
        """Windows an epoch."""
        return len(self._stretches)

    def __getitem__(self, key: tuple[int, int]) -> tuple[NDArray[np.float32], Integers, int]:
        """(T, 17, C) normalised, states (T, 10) and the action of stretch `key[1]`."""
        epoch, item = key
        settings, stretch = self._settings, self._stretches[item]
        rng = np.random.default_rng([settings.seed, epoch, item])
        centre = rng.integers(stretch.first, stretch.last + 1, 1)
        frames = window_frames(centre, settings.length, settings.stride)
        track = np.array([stretch.track])
        windows = self._tracklets.windows(track, frames, settings.gap)
        states = self._states_at(track, frames)
        states[~windows.present] = UNKNOWN
        seen = normalise_windows(disturb(windows, settings, rng), settings.stride)
        if rng.random() < settings.mirror:
            seen, states = mirror_windows(seen), states[..., swap_order(PARTS)]
        return seen[0], states[0], stretch.action

    def _states_at(self, tracks: Integers, frames: Integers) -> Integers:
        """(N, T, 10): the labels of tracks (N,) at frames (N, T)."""
        wanted = moments(tracks[:, None], frames)
        at = np.minimum(np.searchsorted(self._moments, wanted), len(self._moments) - 1)
        return np.where((self._moments[at] == wanted)[..., None], self._states[at], UNKNOWN)


def _cut(track: int, first: int, last: int, action: int, size: int) -> list[_Stretch]:
    """Pieces of about `size` frames, one at least."""
    pieces = max(round((last - first + 1) / size), 1)
    edges = np.linspace(first, last + 1, pieces + 1).astype(int)
    return [_Stretch(track, a, b - 1, action) for a, b in pairwise(edges)]


def disturb(windows: Windows, settings: WindowSettings, rng: np.random.Generator) -> Windows:
    """Windows turned, with noisy keypoints, some hidden all the time, and with other boxes.

    A hidden keypoint lies anywhere in the box, with a low score. The boxes are what the keypoints
    are normalised by.
    """
    keypoints = windows.keypoints.copy()
    shape = keypoints.shape[:3]
    sides = windows.boxes[..., 2:] - windows.boxes[..., :2]
    middle = (windows.boxes[..., :2] + windows.boxes[..., 2:]) / 2
    deviation = settings.noise * sides.max(axis=-1) * rng.random((shape[0], 1))
    points = keypoints[..., :2] + rng.normal(size=(*shape, 2)) * deviation[..., None, None]
    anywhere = middle[:, :, None] + (rng.random((*shape, 2)) - 0.5) * sides[:, :, None]
    hidden = rng.random((shape[0], 1, shape[2])) < settings.hide
    points = np.where(hidden[..., None], anywhere, points)
    pivot = middle.mean(axis=1)[:, None, None]
    turn = rotations(rng.normal(0, settings.rotate, shape[:1]))
    keypoints[..., :2] = (points - pivot) @ turn[:, None] + pivot
    keypoints[..., 2] *= np.where(hidden, rng.random(shape) * 0.5, 1)
    most = settings.box_jitter
    factor = 1 + rng.uniform(-most, most, (shape[0], 1, 1))
    place = middle + sides * rng.uniform(-most, most, (shape[0], 1, 2))
    boxes = np.concatenate([place - sides / 2 * factor, place + sides / 2 * factor], axis=-1)
    present = windows.present[..., None]
    return Windows(
        (keypoints * present[..., None]).astype(np.float32),
        (boxes * present).astype(np.float32),
        windows.present,
    )


def rotations(degrees: NDArray[np.float64]) -> Floats:
    """(N, 2, 2) matrices that turn row vectors."""
    angle = np.radians(degrees)
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.stack([cosine, sine, -sine, cosine], axis=-1).reshape(-1, 2, 2)
