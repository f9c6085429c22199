"""A long video in windows that overlap, each parsed as a video of its own.

So that what has to be held does not grow with the video. A clip of the challenge is one window, and
what is said of it is what the workflow says.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from partparse.augment import Picture
from partparse.frames.extraction import write_picture
from partparse.frames.picture_cache import picture_name
from partparse.frames.settings import FrameSettings

LENGTH = 600
"""Frames of a window at most: twice those of the challenge's longest clips."""
OVERLAP = 8
"""Parsed frames that a window has in common with the next: tracks go on over them."""

Timed = tuple[Picture, float | None]
"""A picture (H, W, 3) BGR, and when it is shown, in seconds after the first one."""


@dataclass(frozen=True)
class Window:
    """Some frames of a video, whose pictures are written."""

    first: int  # frame of the video, from 1
    frames: int
    width: int  # pixels
    height: int
    times: list[float | None]  # of its frames


@dataclass(frozen=True)
class Cutting:
    """How a video is cut."""

    length: int  # frames of a window
    overlap: int  # frames of it that are the next one's as well

    @classmethod
    def of(cls, stride: int) -> "Cutting":
        """With a parsed frame at the start of each window, where every `stride`-th is parsed."""
        overlap = OVERLAP * stride
        return cls(max(LENGTH // stride * stride, 2 * overlap), overlap)


def cut(
    pictures: Iterable[Timed],
    cutting: Cutting,
    place: Callable[[int], Path],
    settings: FrameSettings,
) -> Iterator[Window]:
    """Write the pictures of a video, window by window.

    A window's pictures are removed when the next window is asked for.

    Args:
        pictures: of the video.
        cutting: how it is cut.
        place: the folder for the pictures of the window that begins at a frame.
        settings: how they are written.
    """
    stream = iter(pictures)
    first, times, height, width = 1, list[float | None](), 0, 0
    folder = _new_folder(place(first))
    for picture, time in stream:
        if len(times) == cutting.length:
            yield Window(first, len(times), width, height, times)
            step = cutting.length - cutting.overlap
            first, times, old = first + step, times[step:], folder
            folder = _new_folder(place(first))
            for number in range(1, len(times) + 1):
                (old / picture_name(step + number)).replace(folder / picture_name(number))
            shutil.rmtree(old)
        times.append(time)
        height, width = picture.shape[:2]
        write_picture(folder / picture_name(len(times)), picture, settings)
    yield Window(first, len(times), width, height, times)
    shutil.rmtree(folder)


def _new_folder(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
