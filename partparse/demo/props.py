"""Things that people hold, hang from, sit on: triangle meshes of a few simple shapes."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from partparse.boxes import Floats, Integers
from partparse.demo.pose import MIRROR
from partparse.demo.rotations import unit

Colour = tuple[float, float, float]

SIDES = 8


@dataclass(frozen=True)
class Shape:
    """A tube, a ball or a block that moves."""

    kind: Literal["tube", "ball", "block"]
    start: Floats  # (T, 3): one end of a tube, the middle of a ball, the lowest corner of a block
    end: Floats  # (T, 3): the other end, or the opposite corner
    radius: float  # metres; unused for blocks
    colour: Colour  # blue, green, red, 0 to 255

    def mirrored(self) -> "Shape":
        """Seen in a mirror."""
        start, end = self.start * MIRROR, self.end * MIRROR
        if self.kind == "block":
            start, end = np.minimum(start, end), np.maximum(start, end)
        return replace(self, start=start, end=end)


@dataclass(frozen=True)
class Prop:
    """A thing made of shapes; with a name it is annotated as an object."""

    name: str | None
    shapes: tuple[Shape, ...]
    layer: int = 1  # 0 is drawn behind all persons, 1 among them by depth, 2 before them

    def mirrored(self) -> "Prop":
        """Seen in a mirror."""
        return replace(self, shapes=tuple(shape.mirrored() for shape in self.shapes))


def _tube_faces() -> Integers:
    ring = np.arange(SIDES)
    following = (ring + 1) % SIDES
    low, high = 2 * SIDES, 2 * SIDES + 1
    return np.concatenate(
        [
            np.stack([ring, following, following + SIDES], 1),
            np.stack([ring, following + SIDES, ring + SIDES], 1),
            np.stack([following, ring, np.full(SIDES, low)], 1),
            np.stack([ring + SIDES, following + SIDES, np.full(SIDES, high)], 1),
        ]
    )


def _ball() -> tuple[Floats, Integers]:
    golden = (1 + 5**0.5) / 2
    corners = [
        (-1, golden, 0), (1, golden, 0), (-1, -golden, 0), (1, -golden, 0),
        (0, -1, golden), (0, 1, golden), (0, -1, -golden), (0, 1, -golden),
        (golden, 0, -1), (golden, 0, 1), (-golden, 0, -1), (-golden, 0, 1),
    ]  # fmt: skip
    faces = [
        (0, 11, 5), (0, 5, 1), (0, 1, 7), (0, 7, 10), (0, 10, 11), (1, 5, 9), (5, 11, 4),
        (11, 10, 2), (10, 7, 6), (7, 1, 8), (3, 9, 4), (3, 4, 2), (3, 2, 6), (3, 6, 8),
        (3, 8, 9), (4, 9, 5), (2, 4, 11), (6, 2, 10), (8, 6, 7), (9, 8, 1),
    ]  # fmt: skip
    return unit(np.array(corners, float)), np.array(faces)


_BLOCK_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
_BLOCK_SIDES = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
_BLOCK_FACES = np.array([(a, *pair) for a, b, c, d in _BLOCK_SIDES for pair in ((b, c), (c, d))])


def mesh(shape: Shape) -> tuple[Floats, Integers]:
    """Vertices (T, V, 3) and faces (F, 3), seen from outside counter-clockwise."""
    if shape.kind == "block":
        size = (shape.end - shape.start)[:, None]
        return shape.start[:, None] + _BLOCK_CORNERS * size, _BLOCK_FACES
    if shape.kind == "ball":
        corners, faces = _ball()
        return shape.start[:, None] + shape.radius * corners, faces
    return _tube(shape), _tube_faces()


def _tube(shape: Shape) -> Floats:
    axis = unit(shape.end - shape.start)
    other = np.where(np.abs(axis[:, 2:]) > 0.8, [[1.0, 0, 0]], [[0, 0, 1.0]])
    first = unit(np.cross(other, axis))
    second = np.cross(axis, first)
    angle = np.arange(SIDES) * 2 * np.pi / SIDES
    ring = np.cos(angle)[:, None] * first[:, None] + np.sin(angle)[:, None] * second[:, None]
    ring = ring * shape.radius
    start, end = shape.start[:, None], shape.end[:, None]
    return np.concatenate([start + ring, end + ring, start, end], axis=1)


def still(point: tuple[float, float, float], frames: int) -> Floats:
    """(T, 3): a point that does not move."""
    return np.tile(np.array(point, float), (frames, 1))


def tube(start: Floats, end: Floats, radius: float, colour: Colour) -> Shape:
    """A round bar between two points (T, 3)."""
    return Shape("tube", start, end, radius, colour)


def ball(middle: Floats, radius: float, colour: Colour) -> Shape:
    """A ball around (T, 3)."""
    return Shape("ball", middle, middle, radius, colour)


def block(low: Floats, high: Floats, colour: Colour) -> Shape:
    """A box along the axes between two corners (T, 3)."""
    return Shape("block", low, high, 0.0, colour)


def barbell(left: Floats, right: Floats, colour: Colour, plate: float = 0.2) -> Prop:
    """A bar through two hands (T, 3), with a plate of radius `plate` metres at either end."""
    axis, middle = unit(left - right), (left + right) / 2
    ends = middle + 0.68 * axis, middle - 0.68 * axis
    bar = tube(*ends, 0.016, (150, 150, 150))
    plates = [tube(end - 0.05 * axis, end + 0.05 * axis, plate, colour) for end in ends]
    return Prop("barbell", (bar, *plates))


def dumbbell(hand: Floats, axis: Floats, colour: Colour) -> Prop:
    """A dumbbell in a hand (T, 3), along `axis` (T, 3) or (3,)."""
    axis = np.broadcast_to(axis, hand.shape)
    ends = hand + 0.11 * axis, hand - 0.11 * axis
    grip = tube(*ends, 0.016, (120, 120, 120))
    weights = [tube(end - 0.035 * axis, end + 0.035 * axis, 0.055, colour) for end in ends]
    return Prop("dumbbell", (grip, *weights))
