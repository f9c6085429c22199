"""How a person moved, as keypoints, beside what the pictures show of it.

The winner of 2022 names it as future work: keypoints as vector input, joined with
person-context-person. Here the window of a tracked person's keypoints about the key frame goes
through CTR-GCN (`partparse.states.skeleton.ctrgcn`); what it says of the key moment's parts and of
the body over the whole window is concatenated to the features of an instance-level head.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from partparse.errors import SetupError
from partparse.states.instance.settings import KeypointSettings
from partparse.states.persons import PersonParts
from partparse.states.skeleton.ctrgcn import CtrGcn
from partparse.states.skeleton.examples import disturb
from partparse.states.skeleton.input import CHANNELS, mirror_windows, normalise_windows
from partparse.states.skeleton.network import pooling
from partparse.states.skeleton.tracklets import Tracklets, windows_about
from partparse.tables import BOX
from partparse.vocabulary import KEYPOINTS, PARTS


class Tracks(NamedTuple):
    """Persons over time, whose keypoints some methods look at."""

    tracked: pd.DataFrame  # PERSONS with `track`
    keypoints: pd.DataFrame  # KEYPOINT_TABLE of them
    own: pd.DataFrame  # KEYPOINT_TABLE of the persons of key frames, for those without a track


class KeypointWindows:
    """The windows of N persons, in their order."""

    def __init__(self, persons: PersonParts, tracks: Tracks, settings: KeypointSettings) -> None:
        """Find those of persons of key frames, as `windows_about` does."""
        rows = persons.keys.assign(**dict(zip(BOX, persons.boxes.T, strict=True)))
        tracklets = Tracklets(tracks.tracked, tracks.keypoints)
        self._settings = settings
        self._windows = windows_about(rows, tracklets, tracks.own, settings)

    def seen(self, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """The windows (P, T, 17, C) of some persons, normalised."""
        return normalise_windows(self._windows.take(rows), self._settings.stride)

    def disturbed(
        self, rows: NDArray[np.integer], mirrored: bool, rng: np.random.Generator
    ) -> NDArray[np.float32]:
        """The same as training sees them: noisy, turned, and in the mirror where the clip is."""
        windows = disturb(self._windows.take(rows), self._settings, rng)
        seen = normalise_windows(windows, self._settings.stride)
        return mirror_windows(seen) if mirrored else seen


def find_windows(
    persons: PersonParts, tracks: Tracks | None, settings: KeypointSettings | None
) -> KeypointWindows | None:
    """The keypoint windows of persons; None where there are no settings for any.

    Raises InputError where there are settings and no tracks.
    """
    if settings is None:
        return None
    if tracks is None:
        raise SetupError("setting keypoints: the method needs the tracks of the persons")
    return KeypointWindows(persons, tracks, settings)


class KeypointEmbedding(nn.Module):
    """Windows of persons to features: the ten parts at the key moment, and the whole body."""

    pooling: Tensor

    def __init__(self, channels: Sequence[int]) -> None:
        """`channels` of CTR-GCN's blocks."""
        super().__init__()
        self.trunk = CtrGcn(len(CHANNELS), len(KEYPOINTS), channels, [1] * len(channels))
        self.channels = (len(PARTS) + 1) * channels[-1]
        self.register_buffer("pooling", torch.from_numpy(pooling()), persistent=False)

    def forward(self, windows: Tensor) -> Tensor:
        """(P, T, 17, C) -> (P, channels)."""
        features = self.trunk(windows)
        key = features[:, windows.shape[1] // 2]
        parts = torch.einsum("pv,nvd->npd", self.pooling, key)
        return torch.cat([parts.flatten(1), features.mean((1, 2))], 1)
