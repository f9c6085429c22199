"""Persons cut out of a key frame and its neighbours, the person's box held still."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from partparse.augment import Picture, Pictures
from partparse.boxes import Floats
from partparse.frames.cache import read_frame
from partparse.states.crops import Place, cut_place
from partparse.states.parser.settings import TubeSettings

_GREY_SHRINK = 2  # motion is seen at half the crop's side
_KEPT = 32  # frames: persons of a frame follow each other, and key frames share neighbours


class TubeReader:
    """Cuts persons out of the frames in a cache."""

    def __init__(self, cache: Path, lengths: dict[str, int], settings: TubeSettings) -> None:
        """Take the folder of frames, and how many of them each video has."""
        self._lengths = lengths
        self._settings = settings
        self._read = lru_cache(maxsize=_KEPT)(lambda video, frame: read_frame(cache, video, frame))

    def picture(self, key: tuple[str, int], place: Place) -> Picture:
        """(S, S, 3) RGB: the person in the key frame, which is a video's frame of some number."""
        return cut_place(self._read(*key), place, self._settings.crop_side)

    def motion(self, key: tuple[str, int], place: Place) -> Pictures:
        """(T, S / 2, S / 2) grey: the same square in the tube's frames, the key frame amid them.

        Beyond the video's ends its first and last frames are repeated.
        """
        video, frame = key
        half = self._settings.tube_length // 2
        steps = np.arange(-half, half + 1) * self._settings.tube_stride
        frames = np.clip(frame + steps, 1, self._lengths[video])
        side = self._settings.crop_side // _GREY_SHRINK
        crops = [cut_place(self._read(video, int(number)), place, side) for number in frames]
        return np.stack([cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) for crop in crops])


def scale_grey(tubes: Tensor) -> Tensor:
    """(N, T, h, w) uint8 -> float from -1 to 1."""
    return tubes.float() / 127.5 - 1


def keypoints_to_place(keypoints: Floats, place: Place, size: int) -> NDArray[np.float64]:
    """Keypoints (..., 2) of the frame -> of a crop of `size` pixels; indices of pixels, both."""
    matrix = place.matrix(size)
    return (np.asarray(keypoints, float) + 0.5) @ matrix[:, :2].T + matrix[:, 2] - 0.5


def keypoints_to_frame(
    keypoints: Floats, places: Sequence[Place], size: int
) -> NDArray[np.float64]:
    """The inverse for N persons: keypoints (N, K, 2) of each one's crop -> of the frames."""
    matrices = np.array([place.matrix(size) for place in places]).reshape(-1, 2, 3)
    moved = np.asarray(keypoints, float) + 0.5 - matrices[:, None, :, 2]
    return np.linalg.solve(matrices[:, None, :, :2], moved[..., None])[..., 0] - 0.5
