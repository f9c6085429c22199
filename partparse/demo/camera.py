"""A pinhole camera that looks at the scene, shakes a little, and never rolls."""

from dataclasses import dataclass

import numpy as np

from partparse.boxes import Floats
from partparse.demo.rotations import about_x, about_z, apply


@dataclass(frozen=True)
class Camera:
    """Looks along +y of the scene at `target`, from the front (-y)."""

    target: Floats  # (3,): the point in the middle of the picture, in metres
    distance: float  # metres from the target
    pitch: float  # degrees looked down
    focal: float  # pixels
    centre: Floats  # (2,): where the target is in the picture, in pixels
    shake: Floats  # (T, 3): shift in x and y in pixels, and zoom

    def place(self, points: Floats) -> Floats:
        """Scene -> camera coordinates (..., 3): right, down, depth; metres."""
        seen = apply(about_x(self.pitch), points - self.target)
        return np.stack([seen[..., 0], -seen[..., 2], seen[..., 1] + self.distance], axis=-1)

    def project(self, placed: Floats) -> Floats:
        """Camera coordinates (T, N, 3) -> pixels (T, N, 2)."""
        depth = np.maximum(placed[..., 2:], 0.05)
        still = self.centre + self.focal * placed[..., :2] / depth
        return self.shaken(still)

    def shaken(self, pixels: Floats) -> Floats:
        """Apply the shake to pixels (T, N, 2) of the camera at rest."""
        return (
            self.centre + self.shake[:, None, 2:] * (pixels - self.centre) + self.shake[:, None, :2]
        )

    def floor_line(self, y: float) -> float:
        """Picture row, before the shake, where the floor meets a wall at scene depth `y`."""
        _, down, depth = self.place(np.array([0.0, y, 0.0]))
        return float(self.centre[1] + self.focal * down / max(depth, 0.05))


def turned(points: Floats, yaw: float, place: Floats) -> Floats:
    """Person space -> scene: turn by `yaw` degrees to the person's left, then move to `place`."""
    return apply(about_z(yaw), points) + place


def shaking(rng: np.random.Generator, frames: int, strength: float) -> Floats:
    """(T, 3): a slow drift of `strength` pixels and a slight zoom, smooth over the video."""
    time = np.arange(frames)[:, None] / max(frames, 1)
    waves = rng.uniform(0.3, 1.4, 3)
    phases = rng.uniform(0, 2 * np.pi, 3)
    swing = np.sin(2 * np.pi * (waves * time + phases))
    return np.array([0.0, 0.0, 1.0]) + swing * np.array([strength, strength, 0.012])


def fit(points: Floats, pitch: float, width: int, height: int, fill: float) -> Camera:
    """A still camera that shows `points` (N, 3) so that they fill `fill` of the picture.

    The larger of their width's and height's shares of the picture is `fill`; above 1 the points
    are cut off at the border.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    middle = (low + high) / 2
    focal = 1.25 * height
    centre = np.array([width / 2, height / 2])
    distance = 4.0
    for _ in range(6):
        camera = Camera(middle, distance, pitch, focal, centre, np.array([[0.0, 0.0, 1.0]]))
        pixels = camera.project(camera.place(points)[None])[0]
        share = float(((pixels.max(axis=0) - pixels.min(axis=0)) / [width, height]).max())
        distance = float(np.clip(distance * share / fill, 1.2, 12.0))
        shown = (pixels.max(axis=0) + pixels.min(axis=0)) / 2
        centre = centre + np.array([width / 2, height / 2]) - shown
    return Camera(middle, distance, pitch, focal, centre, np.array([[0.0, 0.0, 1.0]]))
