"""Drawing with OpenCV: all triangles of a frame back to front into one map of face numbers.

A face is drawn once, as its number; colours, parts and objects are looked up by number, so what
is labelled is exactly what is seen.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from partparse.boxes import Floats, Integers

FINENESS = 2  # drawn at this many times the size, for smooth edges


@dataclass(frozen=True)
class Surfaces:
    """The triangles of a scene over T frames, all things together."""

    pixels: Floats  # (T, V, 2)
    placed: Floats  # (T, V, 3) in camera coordinates
    faces: Integers  # (F, 3)
    colours: Floats  # (F, 3): blue, green, red
    labels: Integers  # (F,): what each face belongs to, see `scene.py`
    layers: Integers  # (F,): lower ones are drawn first


@dataclass(frozen=True)
class Light:
    """Where light comes from, in camera coordinates, and how strong it is."""

    direction: Floats  # (3,), of length 1, towards the light
    ambient: float  # share of light that comes from everywhere
    gain: Floats  # (3,): brightness of blue, green and red


def face_map(surfaces: Surfaces, frame: int, width: int, height: int) -> NDArray[np.int32]:
    """(height * FINENESS, width * FINENESS): 1 + the number of the face seen; 0: none."""
    placed, faces = surfaces.placed[frame], surfaces.faces
    # pixel centres are at whole numbers: x of a small picture is FINENESS * x + a half step
    pixels = surfaces.pixels[frame] * FINENESS + (FINENESS - 1) / 2
    corners = pixels[faces]
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    towards = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0] < 0
    depth = placed[:, 2][faces]
    inside = (corners.max(axis=1) >= 0).all(axis=1)
    inside &= (corners.min(axis=1) < [width * FINENESS, height * FINENESS]).all(axis=1)
    drawn = np.flatnonzero(towards & inside & (depth.min(axis=1) > 0.1))
    order = drawn[np.lexsort((-depth[drawn].mean(axis=1), surfaces.layers[drawn]))]
    shift = 3
    points = np.rint(corners[order] * (1 << shift)).astype(np.int32)
    canvas = np.zeros((height * FINENESS, width * FINENESS), np.int32)
    fill = cv2.fillConvexPoly
    for triangle, number in zip(points, (order + 1).tolist(), strict=True):
        fill(canvas, triangle, number, 8, shift)
    return canvas


def shade(surfaces: Surfaces, frame: int, light: Light) -> NDArray[np.uint8]:
    """(F + 1, 4): colour of each face by Lambert's law, and 255; row 0 is nothing, all 0."""
    corners = surfaces.placed[frame][surfaces.faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    lit = np.maximum((normal * light.direction).sum(axis=1), 0)
    strength = light.ambient + (1 - light.ambient) * lit
    table = np.zeros((len(corners) + 1, 4), np.uint8)
    table[1:, :3] = np.clip(surfaces.colours * strength[:, None] * light.gain, 0, 255)
    table[1:, 3] = 255
    return table


def compose(
    background: NDArray[np.uint8], faces: NDArray[np.int32], table: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Colour a map of faces and lay it over a background (H, W, 3)."""
    height, width = background.shape[:2]
    fine = table[faces]
    small = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint16)
    uncovered = 255 - small[..., 3:]
    return (small[..., :3] + background * uncovered // 255).astype(np.uint8)
