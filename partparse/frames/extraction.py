"""Extracting the frames of one video.

Without tables, so that processes that do it start in a quarter of a second.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2

from partparse.errors import InputError
from partparse.frames.decoding import Faults, decode
from partparse.frames.picture_cache import Extracted, fill_folder, picture_name


@dataclass(frozen=True)
class FrameSettings:
    """How frames are written."""

    jpeg_quality: int = 95  # 0 to 100, OpenCV's scale

    def __post_init__(self) -> None:
        """Raise InputError for a quality that is none."""
        if not 0 <= self.jpeg_quality <= 100:
            raise InputError(f"jpeg_quality is {self.jpeg_quality}; expected 0 to 100")


def extract_frames(
    source: Path, folder: Path, settings: FrameSettings, made_from: str
) -> Extracted:
    """Write all frames of a video into its folder, unless they are there already.

    See `fill_folder` for `made_from`. What the video holds never raises: what decodes is written,
    and `problem` says what does not. Raises OSError for a disk that is full.
    """
    return fill_folder(folder, made_from, lambda work: _write_frames(source, work, settings))


def _write_frames(
    source: Path, folder: Path, settings: FrameSettings
) -> tuple[int, int, int, str | None]:
    """Number, width and height of the pictures, and the problem."""
    faults = Faults()
    number = width = height = 0
    quality = [cv2.IMWRITE_JPEG_QUALITY, settings.jpeg_quality]
    for number, picture in enumerate(decode(source, faults), start=1):
        height, width = picture.shape[:2]
        encoded = cv2.imencode(".jpg", picture, quality)[1]
        (folder / picture_name(number)).write_bytes(encoded.tobytes())
    return number, width, height, faults.describe()
