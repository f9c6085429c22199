"""How a clip is seen: turned, zoomed, cropped and mirrored, the same in all of its frames.

A view is one affine map, so that each frame is resampled once and boxes can be taken along.
Optical flow is turned and stretched with the picture: what moves right in a frame that is turned
upright moves up in it. Rotation and scale are the winner's of 2022 (its report's section 2.2).
"""

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from partparse.augment import Pictures
from partparse.boxes import to_edges
from partparse.frames.flow import REST, mirror_flow

Matrix = NDArray[np.float64]

FLOW_CHANNELS = 2


@dataclass(frozen=True)
class ClipView:
    """A turned square of the frame, resized to `side` pixels, then mirrored or not."""

    unmirrored: Matrix
    """(2, 3): from x, y of a pixel in the frame to those in the square, before it is mirrored."""
    side: int  # pixels of the square that is seen
    zoom: float  # the magnification, over that of the largest square
    mirrored: bool = False

    @property
    def affine(self) -> Matrix:
        """(2, 3): from x, y of a pixel in the frame to those in what is seen."""
        if not self.mirrored:
            return self.unmirrored
        return self.unmirrored * [[-1], [1]] + [[0, 0, self.side - 1], [0, 0, 0]]

    def picture(self, clip: Pictures) -> Pictures:
        """A clip (T, H, W, 3), or of flow (T, H, W, 2), as it is seen: (T, side, side, …).

        What lies beyond the frame is its reflection, so that no black border tells the network
        of the rotation.
        """
        seen = np.stack(
            [
                cv2.warpAffine(
                    frame,
                    self.unmirrored,
                    (self.side, self.side),
                    flags=cv2.INTER_LINEAR,
                    borderMode=cv2.BORDER_REFLECT_101,
                )
                for frame in clip
            ]
        )
        if clip.shape[-1] != FLOW_CHANNELS:
            return np.ascontiguousarray(seen[:, :, ::-1]) if self.mirrored else seen
        seen = self._turn_vectors(seen)
        return mirror_flow(seen) if self.mirrored else seen

    def boxes(self, boxes: ArrayLike) -> NDArray[np.float64]:
        """The least upright boxes (N, 4) about the frame's boxes (N, 4), as they are seen.

        Corners are inclusive pixels; NaN stays NaN. Not clipped: they may reach out of the square.
        """
        boxes = np.asarray(boxes, float).reshape(-1, 4)
        edges = to_edges(boxes) - 0.5  # the outlines of the pixels at the corners
        corners = np.stack([edges[:, [x, y]] for x, y in product((0, 2), (1, 3))], axis=1)
        moved = corners @ self.affine[:, :2].T + self.affine[:, 2]
        return np.concatenate([moved.min(axis=1) + 0.5, moved.max(axis=1) - 0.5], axis=1)

    def _turn_vectors(self, flow: Pictures) -> Pictures:
        """Quantised flow (T, H, W, 2) whose vectors turn and grow as the picture did."""
        linear = self.unmirrored[:, :2]
        turn = linear / np.sqrt(np.linalg.det(linear)) * self.zoom
        rest = np.full((2, 1), REST)
        matrix = np.concatenate([turn, rest - turn @ rest], axis=1)
        # levels saturate at 0, which has no negative: 1 is the least
        return np.maximum(cv2.transform(flow.reshape(-1, 1, 2), matrix), 1).reshape(flow.shape)


def random_view(
    size: tuple[int, int],
    side: int,
    scale: tuple[float, float],
    rotate: float,
    rng: np.random.Generator,
) -> ClipView:
    """A square of random size, angle and place in the frame.

    It lies within the frame as far as it can: where a turned square is too large for an axis, it
    is in the middle of it and its corners stick out.

    Args:
        size: height and width of the frame in pixels.
        side: pixels that the square is resized to.
        scale: its least and greatest side, as shares of the shorter side of the frame.
        rotate: it is turned by up to ± this many degrees.
        rng: draws size, angle, x and y.
    """
    share = rng.uniform(*scale)
    square = max(1.0, min(size) * share)
    angle = np.deg2rad(rng.uniform(-rotate, rotate))
    cosine, sine = np.cos(angle), np.sin(angle)
    reach = square * (abs(cosine) + abs(sine)) / 2
    sides = np.array(size[::-1], float)
    margin = np.minimum(reach, sides / 2)
    centre = rng.uniform(margin, sides - margin)
    linear = np.array([[cosine, -sine], [sine, cosine]]) * (side / square)
    # in continuous coordinates, where pixel 0 reaches from 0 to 1 and has its middle at .5
    offset = side / 2 - 0.5 - linear @ (centre - 0.5)
    return ClipView(np.column_stack([linear, offset]), side, 1 / share)
