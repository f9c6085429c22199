"""Frames of videos as one would write it first: OpenCV's reader, then imwrite, in a loop."""

from collections.abc import Sequence
from pathlib import Path

import cv2


def extract(video: Path, folder: Path, quality: int) -> int:
    """Write all frames of a video as img_00001.jpg, …; how many there are."""
    reader = cv2.VideoCapture(str(video))
    number = 0
    while True:
        read, picture = reader.read()
        if not read:
            return number
        number += 1
        path = folder / f"img_{number:05d}.jpg"
        cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, quality])


def extract_all(videos: Sequence[Path], out: Path, quality: int) -> None:
    """Write the frames of videos, each into a folder of its own."""
    for video in videos:
        (out / video.stem).mkdir()
        extract(video, out / video.stem, quality)
