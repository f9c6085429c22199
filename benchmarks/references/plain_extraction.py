"""Frames of videos as one would write it first: OpenCV's reader, then imwrite, in a loop."""

import tempfile
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


def extract_all(root: str, videos: str, quality: str) -> None:
    """Write the frames of the first videos of a folder, each into a folder of its own."""
    out = Path(tempfile.mkdtemp(dir=root))
    for video in sorted(Path(root).glob("*.mp4"))[: int(videos)]:
        (out / video.stem).mkdir()
        extract(video, out / video.stem, int(quality))
