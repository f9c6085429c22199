"""Persons as squares of one size, shaken for training; everything that lies in them with them.

A place says which square of the frame a crop is and how it is turned. Boxes are inclusive pixels,
of the frame or of the crop.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from partparse import boxes
from partparse.augment import Picture
from partparse.boxes import Floats

_FILL = (124, 116, 104)  # beyond the frame: ImageNet's mean colour
_MOST_SHRUNK = 0.5  # below it, linear interpolation would skip pixels


@dataclass(frozen=True)
class Place:
    """A square of a frame."""

    centre: Floats  # (2,): x and y, where a pixel's centre lies half a pixel past its index
    side: float  # pixels of the frame
    turn: float = 0.0  # degrees, anticlockwise as the crop is seen

    @classmethod
    def about(cls, box: ArrayLike, margin: float) -> "Place":
        """The square about a person's box (4,), `margin` times its longer side larger."""
        low, high = np.split(boxes.to_edges(box), 2)
        return cls((low + high) / 2, float((high - low).max()) * (1 + margin))

    def shaken(self, shift: float, zoom: float, rotate: float, rng: np.random.Generator) -> "Place":
        """Moved by up to `shift` sides, by a factor of up to 1 + `zoom`, turned by `rotate`."""
        return Place(
            self.centre + rng.uniform(-shift, shift, 2) * self.side,
            self.side * float(np.exp(rng.uniform(-1, 1) * np.log1p(zoom))),
            float(rng.uniform(-rotate, rotate)),
        )

    def matrix(self, size: int) -> NDArray[np.float64]:
        """(2, 3): from the frame to a crop of `size` pixels, half pixels as in `centre`."""
        angle = np.radians(self.turn)
        cosine, sine = np.cos(angle), np.sin(angle)
        linear = np.array([[cosine, sine], [-sine, cosine]]) * size / self.side
        return np.column_stack([linear, size / 2 - linear @ self.centre])


def cut_place(picture: Picture, place: Place, size: int) -> Picture:
    """The crop (size, size, 3) of a frame (H, W, 3); beyond the frame it is grey."""
    matrix = place.matrix(size)
    factor = size / place.side
    if factor < _MOST_SHRUNK:
        height, width = picture.shape[:2]
        small = max(1, round(width * 2 * factor)), max(1, round(height * 2 * factor))
        picture = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
        matrix = matrix @ np.diag([width / small[0], height / small[1], 1])
    # OpenCV counts from the centres of pixels
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    return cv2.warpAffine(
        picture,
        matrix,
        (size, size),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=_FILL,
    )


def boxes_to_place(box: ArrayLike, place: Place, size: int) -> NDArray[np.float64]:
    """Boxes (..., 4) of the frame -> of the crop; NaN stays NaN.

    In a crop that is turned, a box keeps its sides about its turned centre: by a few degrees, what
    it holds fills it about as well as before.
    """
    low, high = np.split(boxes.to_edges(box), 2, axis=-1)
    matrix = place.matrix(size)
    centre = (low + high) / 2 @ matrix[:, :2].T + matrix[:, 2]
    half = (high - low) / 2 * size / place.side
    return np.concatenate([centre - half, centre + half], axis=-1) - boxes.PIXEL


def shake_parts(
    box: Floats, shift: float, scale: float, drop: float, rng: np.random.Generator
) -> Floats:
    """Boxes (N, 4) as a detector might have found them; NaN for those that it did not find.

    Args:
        box: true ones.
        shift: deviation of the moves in x and y, in the box's sides.
        scale: deviation of the logarithms of the factors of width and height.
        drop: share of boxes that are taken away.
        rng: of this example.
    """
    centre = (box[:, :2] + box[:, 2:]) / 2
    sides = boxes.width_height(box)
    centre = centre + rng.normal(0, shift, centre.shape) * sides
    half = (sides * np.exp(rng.normal(0, scale, sides.shape)) - 1) / 2
    shaken = np.concatenate([centre - half, centre + half], axis=1)
    shaken[rng.random(len(box)) < drop] = np.nan
    return shaken
