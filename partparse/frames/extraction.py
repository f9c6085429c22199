"""Extracting the frames of one video.

Without tables, so that processes that do it start in a quarter of a second.
"""

from pathlib import Path

import cv2

from partparse.augment import Picture
from partparse.errors import InputError
from partparse.frames.decoding import Faults, decode_timed
from partparse.frames.picture_cache import Extracted, Written, fill_folder, picture_name
from partparse.frames.settings import FrameSettings


def extract_frames(
    source: Path,
    folder: Path,
    settings: FrameSettings,
    made_from: str,
    stop_on_fault: bool = False,
) -> Extracted:
    """Write all frames of a video into its folder, unless they are there already.

    See `fill_folder` for `made_from` and `stop_on_fault`. What the video holds never raises: what
    decodes is written, and `problem` says what does not. Raises OSError for a disk that is full.
    """

    def write(work: Path) -> Written:
        return _write_frames(source, work, settings)

    return fill_folder(folder, made_from, write, stop_on_fault=stop_on_fault)


def _write_frames(source: Path, folder: Path, settings: FrameSettings) -> Written:
    faults = Faults()
    width = height = 0
    times: list[float | None] = []
    for picture, time in decode_timed(source, faults):
        times.append(time)
        height, width = picture.shape[:2]
        write_picture(folder / picture_name(len(times)), picture, settings)
    return Written(len(times), width, height, faults.describe(), times)


def write_picture(path: Path, picture: Picture, settings: FrameSettings) -> None:
    """Write a picture, (H, W, 3) BGR, as all frames are written.

    Raises InputError for one with a side of more than 65,500 pixels.
    """
    quality = [cv2.IMWRITE_JPEG_QUALITY, settings.jpeg_quality]
    encoded, data = cv2.imencode(".jpg", picture, quality)
    if not encoded:
        height, width = picture.shape[:2]
        raise InputError(f"a picture of {width}x{height} pixels; expected what JPEG can hold")
    path.write_bytes(data.tobytes())
