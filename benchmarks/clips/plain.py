"""Training clips as one would read them first: OpenCV in one process, nothing kept in memory."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray


def read_clip(
    folder: Path,
    frames: int,
    rng: np.random.Generator,
    *,
    length: int,
    side: int,
    crop: int,
    degrees: float,
    jitter: float,
) -> NDArray[np.uint8]:
    """A random clip (length, crop, crop, 3) RGB: a frame out of each equal segment of a video.

    Resized to a shorter side of `side`, then a turned square of it, mirrored or not, with other
    colours.
    """
    edges = np.linspace(0, frames, length + 1)
    numbers = 1 + rng.uniform(edges[:-1], edges[1:]).astype(int)
    share, angle = rng.uniform(0.7, 1), rng.uniform(-degrees, degrees)
    place = rng.random(2)
    mirrored = rng.random() < 0.5
    gains = (1 + rng.uniform(-jitter, jitter)) * (1 + rng.uniform(-jitter, jitter, 3))
    clip = []
    for number in numbers:
        picture = cv2.imread(str(folder / f"img_{number:05d}.jpg"))
        picture = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        height, width = picture.shape[:2]
        factor = side / min(height, width)
        small = round(width * factor), round(height * factor)
        picture = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
        square = side * share
        centre = square / 2 + place * (np.array(small) - square)
        matrix = cv2.getRotationMatrix2D(tuple(centre), angle, crop / square)
        matrix[:, 2] += crop / 2 - centre
        picture = cv2.warpAffine(picture, matrix, (crop, crop), borderMode=cv2.BORDER_REFLECT_101)
        if mirrored:
            picture = picture[:, ::-1]
        clip.append(np.clip(picture * gains, 0, 255).astype(np.uint8))
    return np.stack(clip)
